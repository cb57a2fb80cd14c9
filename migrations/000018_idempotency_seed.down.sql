delete from idempotency_keys where free; -- the older program would take them for requests under way
alter table idempotency_keys drop column free;
alter table idempotency_keys drop column seed;
