-- What athletes are honoured for, what they keep to themselves, and goals in the feed.

-- Read model "trophies". Streaks aren't in it: they follow from the efforts that count (see efforts).
create table trophies (
    athlete_id     uuid not null,
    kind           text not null, -- stage, classification, goal; see package trophies
    subject_id     uuid not null, -- the stage, or else the challenge
    category       text not null, -- empty for goals
    classification text not null, -- its key; empty for the others
    challenge_id   uuid not null,
    name           text not null, -- of the classification
    place          int not null,  -- 1 to 3; 0 for goals
    of_athletes    int not null,  -- who were ranked; 0 for goals
    won_at         timestamptz not null,
    primary key (athlete_id, kind, subject_id, category, classification)
);
create index trophies_by_subject on trophies (subject_id, kind, category);

-- What an athlete has ridden, for streaks and bests.
create index efforts_by_athlete on efforts (athlete_id, start_local) where status = 'accepted';

-- Read model "feed" tells of goals that are reached, on stages of challenges that have one. It fills itself again.
create table feed_goals (
    challenge_id uuid primary key,
    goal         double precision not null -- milliseconds or millimetres, as standings are
);
create table feed_goals_reached (
    stage_id   uuid not null,
    athlete_id uuid not null,
    primary key (stage_id, athlete_id)
);
truncate feed_items;
update subscriptions set position = 0 where name = 'feed';

-- Where rides are hidden from others: places that say where somebody lives. Not in the log, so that a deleted row is gone.
create table privacy_zones (
    id         uuid primary key,
    athlete_id uuid not null,
    name       text not null,
    lat        double precision not null, -- degrees
    lon        double precision not null,
    radius     int not null,              -- metres
    created_at timestamptz not null
);
create index privacy_zones_by_athlete on privacy_zones (athlete_id, created_at);
