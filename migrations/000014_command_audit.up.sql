-- One row a dispatched command, also of those that were refused or failed. Ids are UUIDv7, so their order is that of
-- time, and the primary key serves "newest first", "from … to" and the retention. Texts hold no secrets: internal/audit
-- says what is left out.
create table command_audit (
    id             uuid        primary key,
    recorded_at    timestamptz not null,
    command_id     uuid,
    type           text        collate "C" not null, -- challenges.Approve
    target         uuid,                             -- the aggregate; null: it named none
    challenge_id   uuid,                             -- that a decision was about; null for what only follows from others
    actor          text        collate "C" not null, -- an athlete's id, system, visitor
    correlation_id uuid,
    causation_id   uuid,
    outcome        text        collate "C" not null,
    code           text        collate "C" not null default '',
    detail         text        not null default '',
    took_us        bigint      not null,
    first_position bigint,                           -- null: it changed nothing
    last_position  bigint,
    fields         json        not null
);
-- Nearly all rows are commands of the program itself that were done; people and trouble are what is looked for.
create index command_audit_by_target on command_audit (target, id);
create index command_audit_by_correlation on command_audit (correlation_id);
create index command_audit_by_actor on command_audit (actor, id) where actor <> 'system';
create index command_audit_by_challenge on command_audit (challenge_id, id) where challenge_id is not null;
create index command_audit_by_outcome on command_audit (outcome, id) where outcome <> 'done';
