drop trigger events_erased on events;
drop function events_erased();
