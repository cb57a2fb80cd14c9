drop table standing_rows, standing_lines, standing_adjustments, standing_limited, standing_results, standing_scored,
    standing_boards, standing_stages, standing_challenges;
delete from subscriptions where name = 'standings';
