-- The audit is written beside every command, so its indexes may cost nearly nothing: BRIN with several ranges for ids that
-- come in the order of time, and with Bloom filters for those that don't. They find a chain or a target in milliseconds.
drop index command_audit_by_correlation;
drop index command_audit_by_target;
create index command_audit_by_correlation on command_audit using brin (correlation_id uuid_minmax_multi_ops)
    with (pages_per_range = 16, autosummarize = on);
create index command_audit_by_target on command_audit using brin (target uuid_bloom_ops)
    with (pages_per_range = 16, autosummarize = on);
