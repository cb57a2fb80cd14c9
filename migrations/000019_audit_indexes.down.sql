drop index command_audit_by_correlation;
drop index command_audit_by_target;
create index command_audit_by_target on command_audit (target, id);
create index command_audit_by_correlation on command_audit (correlation_id);
