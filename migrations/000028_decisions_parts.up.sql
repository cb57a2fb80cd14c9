-- One event may decide something about several athletes: each is a row. Nothing in the log before this can have, so the
-- projector needn't fill its table again.
alter table decisions add column part integer not null default 0; -- within the event
alter table decisions drop constraint decisions_pkey;
alter table decisions add primary key (position, part);
drop index decisions_challenge;
create index decisions_challenge on decisions (challenge_id, position, part);
