package leaderboards

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// ofTeams turns what athletes got on stages into what their teams did: the best TeamSize of them added up. Where less is
// better a team needs all of those; elsewhere who is there counts.
func ofTeams(c Classification, groups []Group, scored []Scored) []Scored {
	out := make([]Scored, len(scored))
	for i, stage := range scored {
		out[i] = Scored{Stage: stage.Stage, Phase: stage.Phase}
		by := map[uuid.UUID]Line{}
		for _, line := range stage.Lines {
			by[line.AthleteID] = line
		}
		for _, g := range groups {
			if g.Kind != Team {
				continue
			}
			if line, ok := ofTeam(c, g, by); ok {
				out[i].Lines = append(out[i].Lines, line)
			}
		}
		out[i].Worst = placeTeams(c, out[i].Lines)
	}
	return out
}

// ofTeam is false where too few of a team have a result.
func ofTeam(c Classification, g Group, by map[uuid.UUID]Line) (Line, bool) {
	var amounts []Amount
	team := Line{AthleteID: g.ID()}
	for _, id := range g.Members {
		line := by[id]
		for _, score := range line.Scores {
			if score.Classification == c.Key {
				amounts = append(amounts, score.Amount)
				if line.AchievedAt.After(team.AchievedAt) {
					team.AchievedAt = line.AchievedAt
				}
			}
		}
	}
	slices.SortFunc(amounts, func(a, b Amount) int {
		if c.By.Ascending() {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(b, a)
	})
	if len(amounts) == 0 || c.By.Ascending() && len(amounts) < c.TeamSize {
		return Line{}, false
	}
	if c.TeamSize > 0 && len(amounts) > c.TeamSize {
		amounts = amounts[:c.TeamSize]
	}
	score := Score{Classification: c.Key}
	for _, a := range amounts {
		score.Base += a
	}
	score.Amount = score.Base
	team.Value, team.Scores = int64(score.Base), []Score{score}
	return team, true
}

// placeTeams gives teams their places on a stage, for counting back, and says what the last of them has.
func placeTeams(c Classification, lines []Line) []Worst {
	slices.SortFunc(lines, func(a, b Line) int {
		x, y := a.Scores[0].Amount, b.Scores[0].Amount
		if !c.By.Ascending() {
			x, y = y, x
		}
		return cmp.Or(cmp.Compare(x, y), slices.Compare(a.AthleteID[:], b.AthleteID[:]))
	})
	for i := range lines {
		lines[i].Scores[0].Place = i + 1
		if i > 0 && lines[i].Scores[0].Amount == lines[i-1].Scores[0].Amount {
			lines[i].Scores[0].Place = lines[i-1].Scores[0].Place
		}
	}
	if len(lines) == 0 || c.Missed != MissedSlowest {
		return nil
	}
	return []Worst{{c.Key, lines[len(lines)-1].Scores[0].Amount}}
}
