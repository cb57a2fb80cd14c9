-- Events beyond a handler's checkpoint that it had finished when it stopped, since it works at several keys at a time: so
-- none of them comes again.
alter table subscriptions add column ahead bigint[] not null default '{}';

-- Parked events that somebody has decided to forget: the node that holds the lease takes them away, so that it knows that
-- what waited behind them may go on.
alter table parked_events add column discard boolean not null default false;
