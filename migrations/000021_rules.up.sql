-- Efforts that need review, and results that are opened again. Nothing in the log before this can have had either, so the
-- projectors needn't fill their tables again.
alter table efforts add column reviewed_by text not null default ''; -- who accepted or rejected it after review
create index efforts_in_review on efforts (challenge_id, recorded_at, id) where status = 'needs_review';

alter table challenges add column reopened_at timestamptz; -- when the approval was last taken back
alter table stages add column reopened_at timestamptz;
