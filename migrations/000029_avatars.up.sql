-- Pictures of athletes and clubs, beside the log so that they can be erased: what package avatars made of a file.
create table avatars (
    owner_id uuid       not null, -- an athlete or a club
    hash    text        not null, -- of the large square; the owner's event says it
    edge    int         not null, -- in pixels
    jpeg    bytea       not null,
    kept_at timestamptz not null default now(),
    primary key (owner_id, hash, edge)
);
create index avatars_by_hash on avatars (hash, edge);
alter table avatars alter column jpeg set storage external; -- JPEG doesn't compress further

-- Beside their name on boards and in feeds, athletes are shown by a picture where everyone may see their profile. No event
-- before this says a picture, so what the tables hold is right.
alter table athletes add column avatar text not null default '';
alter table athletes add column shown_avatar text not null generated always as (case when visibility = 'everyone' then avatar else '' end) stored;
alter table clubs add column avatar text not null default '';
