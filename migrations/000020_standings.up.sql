-- The standings of challenges. What approved stages gave comes from the log; what stages under way would give is kept here
-- by the same rules, so that a page is read in the order of one index however many compete.

create table standing_challenges (
    challenge_id uuid primary key,
    type         text not null,
    goal         jsonb,
    scoring      jsonb -- as declared; null: the default of the type
);

create table standing_stages (
    stage_id     uuid primary key,
    challenge_id uuid not null,
    number       int not null,
    type         text not null,
    adjustment   text not null,
    segment_id   uuid,
    month        text not null, -- in which it starts: 2026-05
    measure      text not null default 'elapsedTime', -- of its boards
    precision    bigint not null default 1000,
    deleted      boolean not null default false
);
create index standing_stages_by_challenge on standing_stages (challenge_id);

-- One a challenge and category, from hosting on.
create table standing_boards (
    challenge_id uuid not null,
    category     text not null,
    scheme       jsonb not null,
    final        boolean not null default false,
    version      bigint not null, -- position of the last change
    changed_at   timestamptz not null,
    rows         jsonb not null default '{}', -- how many each classification has, by key
    primary key (challenge_id, category)
);

-- Stages whose points are given.
create table standing_scored (
    stage_id     uuid not null,
    category     text not null,
    challenge_id uuid not null,
    worst        jsonb, -- what a missed stage may cost
    primary key (stage_id, category)
);

create table standing_results (
    stage_id    uuid not null,
    category    text not null,
    athlete_id  uuid not null,
    value       bigint not null, -- milliseconds or millimetres
    sort_key    bigint not null, -- least first
    achieved_at timestamptz not null,
    first_at    timestamptz not null,
    primary key (stage_id, category, athlete_id)
);
create index standing_results_in_order on standing_results (stage_id, category, sort_key, achieved_at, athlete_id);
create index standing_results_by_first on standing_results (stage_id, category, first_at);

create table standing_limited (
    challenge_id uuid not null,
    category     text not null,
    athlete_id   uuid not null,
    primary key (challenge_id, category, athlete_id)
);

create table standing_adjustments (
    position       bigint primary key, -- of the event
    challenge_id   uuid not null,
    category       text not null,
    classification text not null,
    athlete_id     uuid not null,
    points         bigint not null, -- thousandths, as all amounts
    reason         text not null,
    given_by       text not null,
    given_at       timestamptz not null
);
create index standing_adjustments_by_board on standing_adjustments (challenge_id, category, athlete_id);

-- What a stage gives an athlete, in all classifications: leaderboards.Line.
create table standing_lines (
    challenge_id uuid not null,
    category     text not null,
    athlete_id   uuid not null,
    stage_id     uuid not null,
    line         jsonb not null,
    placed       boolean not null, -- it depends on the place, so others may change it
    provisional  boolean not null,
    primary key (challenge_id, category, athlete_id, stage_id)
);
create index standing_lines_provisional on standing_lines (stage_id, category, placed) where provisional;

-- The tables: one row an athlete (or team) and classification.
create table standing_rows (
    challenge_id   uuid not null,
    category       text not null,
    classification text not null,
    athlete_id     uuid not null,
    total          bigint not null, -- thousandths of points, seconds, metres or places; with what is provisional
    confirmed      bigint not null,
    adjusted       bigint not null,
    goals          int not null,
    value          bigint not null,
    stages         int not null,
    achieved_at    timestamptz not null,
    sort_key       bigint[] not null, -- equal ones share a rank
    primary key (challenge_id, category, classification, athlete_id)
);
create index standing_rows_in_order on standing_rows (challenge_id, category, classification, sort_key, achieved_at, athlete_id);
create index standing_rows_by_athlete on standing_rows (athlete_id);
