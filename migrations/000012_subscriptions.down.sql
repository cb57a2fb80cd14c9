alter table parked_events drop column discard;
alter table subscriptions drop column ahead;
