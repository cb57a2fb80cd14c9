-- What a request with an Idempotency-Key makes gets ids that derive from the seed. So when it is carried out again, because
-- its first time was cut off by a crash or ended with a failure, what was done already isn't done twice.
alter table idempotency_keys add column seed uuid;
-- Nobody is answering it at the moment: it failed or was refused, and may be carried out again at once.
alter table idempotency_keys add column free boolean not null default false;
