-- The place in a trace (traceparent, W3C Trace Context) of what a command or a timer follows from; empty: in none.
alter table process_outbox add column traceparent text not null default '';
alter table process_timers add column traceparent text not null default '';
