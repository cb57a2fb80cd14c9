-- Who people are: outside the log, so that a forgotten person's address is a row that is deleted, not history.

-- An address belongs to one athlete, an athlete has one address. It is stored in lower case. Whoever has shown that a new
-- address is theirs finds an id reserved for it, unclaimed until they have registered: however many browsers and double
-- clicks register it, they register the same athlete.
create table identities (
    email       text primary key check (email = lower(email)),
    athlete_id  uuid not null unique,
    reserved_at timestamptz not null,
    claimed_at  timestamptz
);

-- Secrets (links, sessions, tokens) are kept as SHA-256 only: whoever reads the database can't sign in with it.
create table sign_in_links (
    token_hash bytea primary key,
    email      text not null,
    next_path  text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index sign_in_links_by_email on sign_in_links (email, created_at);
create index sign_in_links_by_expiry on sign_in_links (expires_at);

-- data is the session library's. Who is signed in is the column beside it: a session that was ended while one of its
-- requests was still under way is saved again by that request, but without an athlete.
create table sessions (
    token_hash   bytea primary key,
    data         bytea not null,
    expiry       timestamptz not null,
    id           uuid not null unique default gen_random_uuid(),
    athlete_id   uuid,
    user_agent   text not null default '',
    signed_in_at timestamptz,
    seen_at      timestamptz
);
create index sessions_by_expiry on sessions (expiry);
create index sessions_by_athlete on sessions (athlete_id) where athlete_id is not null;

create table api_tokens (
    id           uuid primary key,
    athlete_id   uuid not null,
    name         text not null,
    token_hash   bytea not null unique,
    created_at   timestamptz not null,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
create index api_tokens_by_athlete on api_tokens (athlete_id, created_at);

-- Names in addresses (/challenges/alpine-cup) are handed out here first, so that no two events ever carry the same.
-- A kind is what the name names, with a scope behind a slash where names are unique within something: stage/0197…
create table slugs (
    kind        text not null,
    slug        text not null,
    owner       uuid not null,
    reserved_at timestamptz not null default now(),
    primary key (kind, slug)
);
create index slugs_by_owner on slugs (owner);

-- Mails of the development mailbox: in the database, so that the command line and other nodes see them too.
create table dev_mails (
    id        uuid primary key,
    recipient text not null,
    subject   text not null,
    plain     text not null,
    html      text not null,
    sent_at   timestamptz not null
);
create index dev_mails_by_time on dev_mails (sent_at);
