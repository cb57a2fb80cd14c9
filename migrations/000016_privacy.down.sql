alter table athletes drop column deleted;
drop table unsealed;
drop table person_streams;
drop table personal_keys;
