package stageboard

import "segmentchallenge/internal/refusal"

// Why a board says no.
var (
	ErrFinal = refusal.New("board_final", "This leaderboard is final: its stage has been approved.")
)
