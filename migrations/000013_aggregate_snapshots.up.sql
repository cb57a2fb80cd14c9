-- States of long-lived aggregates, so that loading one needn't read all its events. They follow from the log: each may be
-- deleted at any time, and one that doesn't fit is not used.
create table aggregate_snapshots (
    stream         text        collate "C" primary key,
    version        bigint      not null check (version > 0),
    position       bigint      not null,               -- of the event with this version: another one means another history
    schema         text        collate "C" not null,   -- whose state this is, and
    schema_version integer     not null,               -- in which shape; compared before the data is looked at
    data           bytea       not null,
    checksum       bigint      not null,               -- CRC-32C of data
    taken_at       timestamptz not null default now()
);
-- Mostly ids and times, which don't get smaller by compressing.
alter table aggregate_snapshots alter column data set storage external;
