alter table parked_events drop column discard;
