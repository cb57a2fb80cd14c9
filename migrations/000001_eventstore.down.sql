drop table parked_events;
drop table subscriptions;
drop table events_head;
drop table events;
drop function events_refuse_change();
