drop table feed_items, board_entries, boards, efforts, activity_findings, activities, competitors, stages, challenges,
    starred_segments, segments, club_members, clubs, athletes;
