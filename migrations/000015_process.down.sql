drop table process_outbox;
drop table process_timers;
drop table process_waiting;
drop table process_instances;
