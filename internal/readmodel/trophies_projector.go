package readmodel

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/trophies"
)

var trophyCase = Projector{
	Name:   TrophiesModel,
	Tables: []string{"trophies"},
	Types: typesOf(stageboard.Finalised{}, stageboard.Reopened{}, challengeboard.Finalised{}, challengeboard.Reopened{},
		challengeboard.GoalsAchieved{}),
	apply: applyTrophies,
}

// applyTrophies replaces what a board gave before: it may be final a second time, after a correction.
func applyTrophies(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	switch e := e.(type) {
	case stageboard.Finalised:
		w.takeTrophies(trophies.Stage, e.StageID, e.Category)
		for i, athlete := range e.Podium {
			place := i + 1 // in events of the first version, which don't tell ties
			if i < len(e.PodiumRanks) {
				place = e.PodiumRanks[i]
			}
			if place <= 3 {
				w.giveTrophy(rec, trophy{trophies.Stage, athlete, e.StageID, e.ChallengeID, e.Category, "", "", place, e.Of})
			}
		}
	case stageboard.Reopened:
		w.takeTrophies(trophies.Stage, e.StageID, e.Category)
	case challengeboard.Finalised:
		w.takeTrophies(trophies.Classification, e.ChallengeID, e.Category)
		for _, p := range e.Podiums {
			for _, on := range p.Places {
				w.giveTrophy(rec, trophy{trophies.Classification, on.AthleteID, e.ChallengeID, e.ChallengeID, e.Category, p.Classification, p.Name, on.Rank, p.Of})
			}
		}
	case challengeboard.Reopened:
		w.takeTrophies(trophies.Classification, e.ChallengeID, e.Category)
		w.takeTrophies(trophies.Goal, e.ChallengeID, "")
	case challengeboard.GoalsAchieved: // said once for each category that an athlete is in
		for _, athlete := range e.Athletes {
			w.giveTrophy(rec, trophy{trophies.Goal, athlete, e.ChallengeID, e.ChallengeID, "", "", "", 0, 0})
		}
	default:
		return unhandled(e)
	}
	return nil
}

// trophy is one row on its way.
type trophy struct {
	kind                        trophies.Kind
	athlete, subject, challenge uuid.UUID
	category                    sport.Category
	classification, name        string
	place, of                   int
}

func (w *writer) giveTrophy(rec eventstore.Recorded, t trophy) {
	w.exec(`insert into trophies (athlete_id, kind, subject_id, category, classification, challenge_id, name, place, of_athletes, won_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
		t.athlete, t.kind, t.subject, t.category, t.classification, t.challenge, t.name, t.place, t.of, rec.Time)
}

func (w *writer) takeTrophies(kind trophies.Kind, subject uuid.UUID, c sport.Category) {
	w.exec(`delete from trophies where subject_id = $1 and kind = $2 and category = $3`, subject, kind, c)
}
