-- The read models: tables that projectors fill from the log and pages read. Each can be rebuilt, so nothing here is the
-- only copy of anything, and no constraint here refuses what the log says (uniqueness of slugs is reserved elsewhere).

-- people ---------------------------------------------------------------------------------------------------------

create table athletes (
    id            uuid primary key,
    first_name    text not null,
    last_name     text not null,
    name          text not null generated always as (btrim(first_name || ' ' || last_name)) stored,
    gender        text not null,
    birth_year    int not null,
    town          text not null,
    country       text not null,
    units         text not null,
    time_zone     text not null,
    visibility    text not null,
    admin         boolean not null default false,
    registered_at timestamptz not null
);
create index athletes_by_name on athletes (last_name, first_name, id);
create index athletes_words on athletes using gin (to_tsvector('simple', first_name || ' ' || last_name));

create table clubs (
    id           uuid primary key,
    slug         text not null,
    name         text not null,
    description  text not null,
    website      text not null,
    private      boolean not null,
    founder_id   uuid not null,
    member_count int not null default 0,
    created_at   timestamptz not null
);
create index clubs_by_slug on clubs (slug);
create index clubs_by_name on clubs (name, id);
create index clubs_words on clubs using gin (to_tsvector('simple', name));

create table club_members (
    club_id    uuid not null,
    athlete_id uuid not null,
    status     text not null, -- member, requested
    role       text not null, -- member, administrator
    since      timestamptz not null,
    primary key (club_id, athlete_id)
);
create index club_members_by_athlete on club_members (athlete_id);

-- segments -------------------------------------------------------------------------------------------------------

create table segments (
    id             uuid primary key,
    owner_id       uuid not null,
    name           text not null,
    activity_type  text not null,
    origin         text not null,
    polyline       text not null,
    elevations     real[],
    distance       double precision not null, -- metres, as all lengths and heights here
    average_grade  double precision not null, -- percent
    maximum_grade  double precision not null,
    elevation_low  double precision not null,
    elevation_high double precision not null,
    elevation_gain double precision not null,
    climb_category text not null,
    start_point    double precision[] not null, -- latitude, longitude
    end_point      double precision[] not null,
    bounds         double precision[] not null, -- south, west, north, east
    box            box not null generated always as (box(point(bounds[2], bounds[1]), point(bounds[4], bounds[3]))) stored,
    added_at       timestamptz not null
);
create index segments_by_box on segments using gist (box);
create index segments_by_owner on segments (owner_id);
create index segments_by_name on segments (name, id);
create index segments_words on segments using gin (to_tsvector('simple', name));

create table starred_segments (
    athlete_id uuid not null,
    segment_id uuid not null,
    starred_at timestamptz not null,
    primary key (athlete_id, segment_id)
);
create index starred_segments_by_segment on starred_segments (segment_id);

-- challenges -----------------------------------------------------------------------------------------------------

create table challenges (
    id                         uuid primary key,
    slug                       text not null,
    type                       text not null,
    name                       text not null,
    description                text not null,
    status                     text not null,
    start_local                timestamp not null, -- wall clock in time_zone
    end_local                  timestamp not null,
    time_zone                  text not null,
    start_at                   timestamptz not null, -- the same as moments
    end_at                     timestamptz not null,
    club_id                    uuid,
    organiser_id               uuid not null,
    restricted_to_club_members boolean not null,
    allow_private_activities   boolean not null,
    included_activity_types    text[] not null, -- none: every type
    accumulate_activities      boolean not null,
    goal                       jsonb,
    private                    boolean not null,
    categories                 text[] not null,
    tenths                     boolean not null,
    results_message            text not null default '',
    competitor_count           int not null default 0,
    created_at                 timestamptz not null,
    hosted_at                  timestamptz,
    started_at                 timestamptz,
    ended_at                   timestamptz,
    approved_at                timestamptz,
    published_at               timestamptz,
    version                    bigint not null -- position of the last change
);
create index challenges_by_slug on challenges (slug);
create index challenges_by_start on challenges (start_at, id);
create index challenges_by_status on challenges (status, start_at, id);
create index challenges_by_status_end on challenges (status, end_at);
create index challenges_by_club on challenges (club_id, start_at) where club_id is not null;
create index challenges_by_organiser on challenges (organiser_id);
create index challenges_words on challenges using gin (to_tsvector('simple', name));

create table stages (
    id                uuid primary key,
    challenge_id      uuid not null,
    organiser_id      uuid not null,
    number            int not null,
    slug              text not null,
    type              text not null,
    segment_id        uuid,
    name              text not null,
    description       text not null,
    status            text not null,
    start_local       timestamp not null,
    end_local         timestamp not null,
    start_at          timestamptz not null,
    end_at            timestamptz not null,
    points_adjustment text not null,
    hidden            boolean not null,
    revealed          boolean not null default false,
    results_message   text not null default '',
    created_at        timestamptz not null,
    started_at        timestamptz,
    ended_at          timestamptz,
    approved_at       timestamptz,
    published_at      timestamptz,
    version           bigint not null
);
create index stages_by_challenge on stages (challenge_id, number);
create index stages_by_segment on stages (segment_id) where segment_id is not null;
create index stages_by_status on stages (status, start_at);
create index stages_by_status_end on stages (status, end_at);

create table competitors (
    challenge_id uuid not null,
    athlete_id   uuid not null,
    gender       text not null,
    categories   text[] not null,
    status       text not null, -- joined, left, excluded
    limited      boolean not null default false,
    reason       text not null default '', -- why excluded or limited
    joined_at    timestamptz not null,
    primary key (challenge_id, athlete_id)
);
create index competitors_by_athlete on competitors (athlete_id, status);

-- activities -----------------------------------------------------------------------------------------------------

create table activities (
    id                 uuid primary key,
    athlete_id         uuid not null,
    name               text not null,
    activity_type      text not null,
    type_guessed       boolean not null,
    start_utc          timestamptz not null,
    start_local        timestamp not null,
    elapsed_ms         bigint not null,
    moving_ms          bigint not null,
    distance           double precision not null,
    elevation_gain     double precision not null,
    average_heart_rate double precision not null,
    average_power      double precision not null,
    has_track          boolean not null,
    bounds             double precision[], -- south, west, north, east of the track; null without one
    box                box generated always as (box(point(bounds[2], bounds[1]), point(bounds[4], bounds[3]))) stored,
    points             int not null,
    source             text not null,
    file               text not null,
    sha256             text not null,
    device             text not null,
    private            boolean not null,
    commute            boolean not null,
    trainer            boolean not null,
    recorded_at        timestamptz not null,
    matched_at         timestamptz,
    method             int not null default 0 -- version of the segment engine that matched it last
);
create index activities_by_start on activities (athlete_id, start_utc, id);
create index activities_by_local_start on activities (athlete_id, start_local);
create index activities_by_hash on activities (athlete_id, sha256) where sha256 <> '';

create table activity_findings (
    activity_id  uuid not null,
    stage_id     uuid not null,
    challenge_id uuid not null,
    athlete_id   uuid not null,
    segment_id   uuid,
    traversals   int not null,
    misses       jsonb not null, -- [{code, detail, lat, lng, metres}]
    found_at     timestamptz not null,
    primary key (activity_id, stage_id)
);
create index activity_findings_by_stage on activity_findings (stage_id, athlete_id);

create table efforts (
    id                 uuid primary key,
    stage_id           uuid not null,
    challenge_id       uuid not null,
    athlete_id         uuid not null,
    activity_id        uuid not null,
    lap                int not null,
    activity_type      text not null,
    start_utc          timestamptz not null,
    start_local        timestamp not null,
    elapsed_ms         bigint not null,
    moving_ms          bigint not null,
    distance           double precision not null,
    elevation_gain     double precision not null,
    average_heart_rate double precision not null,
    average_power      double precision not null,
    quality            text not null,
    uncertainty_ms     bigint not null,
    method             int not null,
    source             text not null,
    manual             boolean not null,
    private            boolean not null, -- of a private activity
    best               boolean not null, -- it was the athlete's best when it came
    status             text not null,    -- accepted, refused, removed, flagged
    code               text not null,    -- why not accepted, for programs
    reason             text not null,    -- and in words
    flagged_by         text not null default '',
    recorded_at        timestamptz not null,
    version            bigint not null
);
create index efforts_by_stage on efforts (stage_id, athlete_id, start_utc);
create index efforts_by_recording on efforts (stage_id, recorded_at, id);
create index efforts_by_activity on efforts (activity_id);

-- leaderboards ---------------------------------------------------------------------------------------------------

create table boards (
    stage_id     uuid not null,
    category     text not null,
    challenge_id uuid not null,
    measure      text not null,
    precision    bigint not null, -- values are ranked in units of this many milliseconds or millimetres
    final        boolean not null default false,
    version      bigint not null, -- position of the last change
    athletes     int not null default 0,
    changed_at   timestamptz not null,
    primary key (stage_id, category)
);
create index boards_by_challenge on boards (challenge_id);

create table board_entries (
    stage_id         uuid not null,
    category         text not null,
    athlete_id       uuid not null,
    value            bigint not null, -- milliseconds or millimetres
    ranked_value     bigint not null, -- value floored to the board's precision: equal ones share a rank
    sort_key         bigint not null, -- ranked_value, negated where most is best: least first on every board
    effort_id        uuid not null,
    achieved_at      timestamptz not null,
    attempts         int not null,
    rank_before      int not null,     -- before the athlete's last improvement; when new, the first rank
    is_new           boolean not null, -- has not improved since the first placing
    first_position   bigint not null,
    changed_position bigint not null,
    primary key (stage_id, category, athlete_id)
);
-- One index gives a page in order, and the number of those strictly better than any entry.
create index board_entries_in_order on board_entries (stage_id, category, sort_key, achieved_at, athlete_id);
create index board_entries_by_athlete on board_entries (athlete_id);

-- feed -----------------------------------------------------------------------------------------------------------

create table feed_items (
    position     bigint not null, -- of the event that made it
    ordinal      int not null,    -- one event can make several
    type         text not null,
    time         timestamptz not null,
    challenge_id uuid,
    stage_id     uuid,
    athlete_id   uuid,
    other_id     uuid,             -- who else: the one who overtook
    category     text not null,
    personal     boolean not null, -- concerns the athlete alone: not in the feeds of challenge and stage
    data         jsonb not null,
    primary key (position, ordinal)
);
create index feed_items_by_challenge on feed_items (challenge_id, position, ordinal) where not personal;
create index feed_items_by_stage on feed_items (stage_id, position, ordinal) where not personal;
create index feed_items_by_athlete on feed_items (athlete_id, position, ordinal);
