drop table unsubscribe_key;
drop table notices;
drop table notification_choices;
delete from subscriptions where name in ('notifications', 'notices');
