delete from decisions where part > 0;
drop index decisions_challenge;
create index decisions_challenge on decisions (challenge_id, position);
alter table decisions drop constraint decisions_pkey;
alter table decisions add primary key (position);
alter table decisions drop column part;
