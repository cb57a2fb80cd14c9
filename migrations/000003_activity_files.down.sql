drop table activity_tracks;
drop table activity_files;
