-- A key for each person, with which what events say about them is sealed (internal/vault). Destroying the key is what
-- forgets the person: the row stays, without the key, so that none is ever made for them again.
create table personal_keys (
    person       uuid primary key,
    number       bigint generated always as identity unique, -- those made one after the other are loaded together
    keyset       bytea,                  -- Tink's, in binary; null: destroyed
    wrapped      boolean not null default false, -- the keyset is encrypted with the site's master key
    created_at   timestamptz not null default now(),
    destroyed_at timestamptz,
    check ((keyset is null) = (destroyed_at is not null))
);

-- Which streams tell about a person: a read model, for exporting and erasing.
create table person_streams (
    person uuid not null,
    stream text collate "C" not null,
    primary key (person, stream)
);

-- What was stored before there were keys, up to this position, is sealed afterwards, once.
create table unsealed (
    only_row boolean primary key default true check (only_row),
    done     bigint not null default 0, -- everything up to here is sealed
    up_to    bigint not null
);
insert into unsealed (up_to) select position from events_head;

-- Athletes who have deleted their account stay as "Deleted athlete". The read model fills itself again.
alter table athletes add column deleted boolean not null default false;
truncate athletes, clubs, club_members;
update subscriptions set position = 0 where name = 'people';
