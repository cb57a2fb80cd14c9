package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/history"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

func (a *API) registerBoards() {
	tag := tagged("Leaderboards")
	const path = "/challenges/{slug}/stages/{stage}/leaderboards"
	operation(a, http.MethodGet, path, "stage-leaderboards", "All of a stage's boards, each with its first page", a.boards, tag)
	operation(a, http.MethodGet, path+"/{category}", "stage-leaderboard", "A stage's board in one category", a.board, tag)
}

// Board is a stage's leaderboard.
type Board struct {
	Category   sport.Category         `json:"category"`
	RankBy     sport.Measure          `json:"rankBy"`
	Final      bool                   `json:"final"`
	Version    int64                  `json:"version"`
	Athletes   int                    `json:"athletes"`
	AsOf       *time.Time             `json:"asOf,omitempty"`
	Entries    []readmodel.BoardEntry `json:"entries"`
	NextCursor *string                `json:"nextCursor"`
}

// BoardOf is a board in the API's words; what watchers over a WebSocket are sent too.
func BoardOf(b readmodel.Board) Board {
	return Board{Category: b.Category, RankBy: b.Measure, Final: b.Final, Version: b.Version, Athletes: b.Athletes,
		Entries: b.Entries, NextCursor: orNull(b.NextCursor)}
}

type BoardInput struct {
	StageInput
	AsOf string `query:"asOf" doc:"the board as it stood at this moment (RFC 3339)"`
	Paging
}

// allBoards is the widest board, and all of them.
type allBoards struct {
	Board
	Items []Board `json:"items" doc:"each category's board, the widest first"`
}

func (a *API) boards(ctx context.Context, in *BoardInput) (*body[allBoards], error) {
	_, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err != nil {
		return nil, err
	}
	heads, err := readmodel.Boards(ctx, a.Pool, s.ID)
	if err != nil {
		return nil, err
	}
	if len(heads) == 0 {
		return nil, readmodel.ErrNoBoard
	}
	all := make([]Board, len(heads))
	for i, head := range heads {
		if all[i], err = a.boardOf(ctx, s, head.Category, in); err != nil {
			return nil, err
		}
	}
	return answer(allBoards{all[0], all}, nil)
}

func (a *API) board(ctx context.Context, in *struct {
	BoardInput
	Category string `path:"category" example:"Open"`
}) (*body[Board], error) {
	_, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err != nil {
		return nil, err
	}
	category, err := Category(ctx, a.Pool, s.ID, in.Category)
	if err != nil {
		return nil, err
	}
	return answer(a.boardOf(ctx, s, category, &in.BoardInput))
}

// Category finds a stage's category by name, however it is capitalised.
func Category(ctx context.Context, db readmodel.DB, stage uuid.UUID, typed string) (sport.Category, error) {
	heads, err := readmodel.Boards(ctx, db, stage)
	if err != nil {
		return "", err
	}
	for _, head := range heads {
		if strings.EqualFold(string(head.Category), typed) {
			return head.Category, nil
		}
	}
	return "", readmodel.ErrNoBoard
}

func (a *API) boardOf(ctx context.Context, s readmodel.Stage, category sport.Category, in *BoardInput) (Board, error) {
	if in.AsOf != "" {
		at, err := time.Parse(time.RFC3339, strings.ReplaceAll(in.AsOf, " ", "+")) // what a + in an address becomes
		if err != nil {
			return Board{}, invalid("asOf", "Give a moment like 2026-05-02T09:30:00Z.")
		}
		return a.boardAsOf(ctx, s, category, at, in.Limit)
	}
	b, err := readmodel.StageBoard(ctx, a.Pool, readmodel.BoardQuery{StageID: s.ID, Category: category, Limit: in.Limit, Cursor: in.Cursor})
	return BoardOf(b), err
}

// boardAsOf is the board as the log tells that it was.
func (a *API) boardAsOf(ctx context.Context, s readmodel.Stage, category sport.Category, at time.Time, limit int) (Board, error) {
	out := Board{Category: category, RankBy: s.Measure(), AsOf: &at, Entries: []readmodel.BoardEntry{}}
	past, err := history.Board(ctx, a.Store, stageboard.IDOf(s.ID, category), at)
	if err != nil {
		return out, err
	}
	if limit <= 0 {
		limit = 50
	}
	out.Version, out.Final, out.Athletes = past.Position, past.Final, past.Len()
	rows := past.Rows(0, limit)
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.AthleteID
	}
	people, err := readmodel.People(ctx, a.Pool, ids)
	for _, row := range rows {
		out.Entries = append(out.Entries, readmodel.BoardEntry{Rank: row.Rank, AthleteID: row.AthleteID, Person: people[row.AthleteID],
			EffortID: row.EffortID, Value: readmodel.Milli(row.Value), Gap: readmodel.Milli(row.Gap), Attempts: row.Attempts,
			AchievedAt: row.AchievedAt})
	}
	return out, err
}
