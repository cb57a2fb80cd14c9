-- First answers to requests with an Idempotency-Key, so that sending one again does nothing twice.
create table idempotency_keys (
    athlete_id   uuid not null,
    key          text not null,
    request      bytea not null,          -- SHA-256 of method, address and body
    status       int,                     -- null while the first request is being answered
    content_type text not null default '',
    body         bytea not null default '',
    started_at   timestamptz not null default now(),
    primary key (athlete_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (started_at);
