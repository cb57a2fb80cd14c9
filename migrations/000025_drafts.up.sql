-- Challenges that somebody is still thinking about: what they typed, step by step. Nothing of it is in the log before they
-- host the challenge.
create table challenge_drafts (
    id         uuid        primary key, -- becomes the challenge's
    athlete_id uuid        not null,
    fields     jsonb       not null,    -- name → values, as a form sends them
    stages     jsonb       not null,    -- a list of the same
    updated_at timestamptz not null default now()
);
create index challenge_drafts_athlete on challenge_drafts (athlete_id, updated_at);
