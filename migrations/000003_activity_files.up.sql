-- What athletes brought, beside the log so that it can be erased: the original bytes and the track that was read from them.

create table activity_files (
    sha256      text not null,        -- of the bytes as they came in, hex
    athlete_id  uuid not null,
    name        text not null,        -- the file's name as it was uploaded
    size        bigint not null,      -- bytes before compression
    gzipped     bytea not null,
    received_at timestamptz not null default now(),
    primary key (athlete_id, sha256)
);

create table activity_tracks (
    activity_id uuid primary key,
    athlete_id  uuid not null,
    sha256      text not null,        -- the file that it came from
    started_at  timestamptz not null, -- with elapsed_ms: what makes two files the same ride
    elapsed_ms  bigint not null,
    kept_at     timestamptz not null, -- last brought; a deletion before that is not of this track
    track       bytea not null        -- activities.Track.Encode
);
create index activity_tracks_by_athlete on activity_tracks (athlete_id, started_at);
create index activity_tracks_by_file on activity_tracks (sha256);
create index activity_tracks_by_age on activity_tracks (kept_at);
