drop index efforts_in_review;
alter table efforts drop column reviewed_by;
