drop table command_audit;
