alter table process_timers drop column traceparent;
alter table process_outbox drop column traceparent;
