package stageboard

import "segmentchallenge/internal/refusal"

// Why a board says no.
var (
	ErrProgramOnly = refusal.Of(refusal.Forbidden, "follows_from_efforts", "Leaderboards follow from efforts and can't be changed by themselves.")
	ErrNotOpen     = refusal.Of(refusal.NotFound, "board_not_found", "There is no such leaderboard.")
	ErrFinal       = refusal.New("board_final", "This leaderboard is final: its stage has been approved.")
)
