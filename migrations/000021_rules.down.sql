alter table stages drop column reopened_at;
alter table challenges drop column reopened_at;
drop index efforts_in_review;
alter table efforts drop column reviewed_by;
