-- Parked events that somebody has decided to forget: the node that holds the lease takes them away, so that it knows that
-- what waited behind them may go on.
alter table parked_events add column discard boolean not null default false;
