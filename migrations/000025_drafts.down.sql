drop table challenge_drafts;
