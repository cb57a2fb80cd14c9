-- All that followed from one click is found by its correlation id. These are UUIDv7, so events of one chain lie together,
-- apart from what follows days later; a few ranges of ids for each 16 pages of the table find them, in a twentieth of the
-- room of a B-tree, and an append doesn't notice. docs/decisions/0006-finding-a-chain-of-causes.md has the figures.
create index events_by_correlation on events using brin (correlation_id uuid_minmax_multi_ops)
    with (pages_per_range = 16, autosummarize = on);
