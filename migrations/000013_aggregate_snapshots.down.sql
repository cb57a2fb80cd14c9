drop table aggregate_snapshots;
