-- What was done to streams besides appending to them; most have no row here. The events themselves stay in the log until
-- somebody erases what is hidden.
create table stream_marks (
    stream           text        collate "C" primary key,
    truncated_before bigint      not null default 1 check (truncated_before > 0), -- the version at which reading begins
    deleted_at       timestamptz, -- neither read nor appended to any more
    version          bigint,      -- of the stream when it was deleted
    erased_at        timestamptz, -- its events have left the log
    check ((deleted_at is null) = (version is null)),
    check (erased_at is null or deleted_at is not null)
);

-- How often anything was done that an append could not tell from (stream, version) alone. A writer that remembers
-- streams' versions says in its insert which generation they are of, in the row that it updates anyway.
alter table events_head add column generation bigint not null default 0;
-- Rows have been taken out of the log, so version 1 of an existing stream may be missing.
alter table events_head add column erased boolean not null default false;

-- Whoever changes the log, by hand as well, makes writers forget what they remember of it. It comes after the change, so
-- that the head is locked for no longer than the commit takes.
create function events_changed() returns trigger language plpgsql as $$
begin
    update events_head set generation = generation + 1, erased = true;
    return null;
end
$$;
create trigger events_changed after update or delete or truncate on events
    for each statement execute function events_changed();
