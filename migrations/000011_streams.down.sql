drop trigger events_changed on events;
drop function events_changed();
alter table events_head drop column generation, drop column erased;
drop table stream_marks;
