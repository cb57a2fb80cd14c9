drop table privacy_zones;
drop table feed_goals_reached;
drop table feed_goals;
drop index efforts_by_athlete;
drop table trophies;
delete from subscriptions where name = 'trophies';
truncate feed_items;
update subscriptions set position = 0 where name = 'feed';
