alter table clubs drop column avatar;
alter table athletes drop column shown_avatar;
alter table athletes drop column avatar;
drop table avatars;
