drop index events_by_correlation;
