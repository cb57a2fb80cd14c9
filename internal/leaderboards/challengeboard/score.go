package challengeboard

import (
	"bytes"
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// partSize is how many athletes an event names: at some 400 bytes each it stays below 128 kB.
const partSize = 250

// maxPodium bounds what ties make of the first three.
const maxPodium = 30

// scoreStage gives what the stage gives. What is given already is compared, and corrected where the board has changed.
func (d *decision) scoreStage(c ScoreStage) {
	d.open(c.Of(), c.Terms)
	if _, done := d.state.find(c.StageID); done {
		d.rescore(c.Terms, c.StageID, d.state.Scheme, "The results of the stage were corrected.")
		return
	}
	for _, now := range d.season(c.Terms, d.state.Scheme, c.StageID).Score() {
		if now.ID == c.StageID && !slices.Contains(c.Terms.Awaited, c.StageID) {
			d.give(now)
		}
	}
	if c.Terms.Status == sport.Approved {
		d.finalise(c.Terms)
	}
}

// give says what a stage gives for the first time.
func (d *decision) give(now leaderboards.Scored) {
	parts := chunks(now.Lines)
	after := append(d.state.Scored(), now)
	d.then(StageScored{Ref: d.state.Ref, Stage: now.Stage, Athletes: len(now.Lines), Parts: len(parts), Worst: now.Worst,
		Limited: d.passedOver(), Podiums: d.podiumsAfter(after, now.Stage)})
	for i, lines := range parts {
		d.then(PointsGiven{Ref: d.state.Ref, StageID: now.ID, Part: i + 1, Lines: lines})
	}
}

// season is what the pure rules score. A stage counts whoever was limited when it was scored; the one that is scored now
// counts who is limited now.
func (d *decision) season(t Terms, scheme leaderboards.Scheme, now uuid.UUID) leaderboards.Season {
	s := leaderboards.Season{Category: d.state.Ref.Category, Scheme: scheme}
	for _, stage := range t.Stages {
		known, done := d.state.find(stage.ID)
		stage.Results = slices.Clone(stage.Results)
		if done || stage.ID == now {
			stage.Phase = leaderboards.Confirmed
		}
		for i, r := range stage.Results {
			stage.Results[i].Limited = d.state.Limited(r.AthleteID)
			if done && stage.ID != now {
				stage.Results[i].Limited = slices.Contains(known.limited, r.AthleteID)
			}
		}
		s.Stages = append(s.Stages, stage)
	}
	return s
}

// passedOver are those who are limited when a stage is scored.
func (d *decision) passedOver() (out []uuid.UUID) {
	for athlete := range d.state.limited.All() {
		out = append(out, athlete)
	}
	return out
}

func (d *decision) correctStage(c CorrectStage) error {
	reason, err := cleanReason(c.Reason)
	if err != nil {
		return err
	}
	if _, done := d.state.find(c.StageID); !done {
		return ErrNotScored
	}
	d.rescore(c.Terms, c.StageID, d.state.Scheme, reason)
	return nil
}

// setScheme follows the challenge. With stages scored, those that give something else by the new rules are corrected.
func (d *decision) setScheme(c SetScheme) error {
	d.open(c.Of(), c.Terms)
	switch {
	case d.state.Final:
		return ErrFinal
	case d.state.Scheme.Same(c.Terms.Scheme):
		return nil
	case len(d.state.stages) == 0:
		d.then(SchemeSet{Ref: c.Of(), Scheme: c.Terms.Scheme, By: d.by})
		return nil
	}
	reason, err := cleanReason(c.Reason)
	if err != nil {
		return err
	}
	d.then(SchemeSet{Ref: c.Of(), Scheme: c.Terms.Scheme, Reason: reason, By: d.by})
	d.rescore(c.Terms, uuid.Nil, c.Terms.Scheme, reason)
	return nil
}

// rescore compares what scored stages give by their boards as they are now with what they gave, and tells the difference.
// Of one corrected stage that is this one and, where bonuses go by what was ridden before, those after it.
func (d *decision) rescore(t Terms, stage uuid.UUID, scheme leaderboards.Scheme, reason string) {
	changed := false
	for _, now := range d.season(t, scheme, stage).Score() {
		was, _ := d.state.find(now.ID)
		one, _ := d.state.find(stage)
		if stage != uuid.Nil && now.ID != stage && (!scheme.NeedsPast() || now.Number < one.Number) {
			continue
		}
		if d.correct(was, now, now.ID == stage, reason) {
			changed = true
		}
	}
	if changed && d.state.Final {
		d.finish()
	}
}

// correct tells the difference between what a stage gave and what it gives now, if there is any.
func (d *decision) correct(was scored, now leaderboards.Scored, limitsToo bool, reason string) bool {
	given, taken := difference(was.lines(), now.Lines)
	if len(given)+len(taken) == 0 && was.Stage == now.Stage && slices.Equal(was.worst, now.Worst) {
		return false
	}
	limited := was.limited
	if limitsToo {
		limited = d.passedOver()
	}
	more, less := chunks(given), chunks(taken)
	after := d.state.Scored()
	i := slices.IndexFunc(after, func(x leaderboards.Scored) bool { return x.ID == now.ID })
	after[i] = now
	d.then(StageCorrected{Ref: d.state.Ref, Stage: now.Stage, Reason: reason, By: d.by, Given: len(more), Taken: len(less),
		Limited: limited, Worst: now.Worst, Podiums: d.podiumsAfter(after, now.Stage)})
	for i, lines := range more {
		d.then(PointsGiven{Ref: d.state.Ref, StageID: now.ID, Part: i + 1, Lines: lines})
	}
	for i, athletes := range less {
		d.then(PointsTaken{Ref: d.state.Ref, StageID: now.ID, Part: i + 1, Athletes: athletes})
	}
	return true
}

// difference is what has to be given anew and to whom nothing is given any more, in the order of the board and of ids.
func difference(was, now []leaderboards.Line) (given []leaderboards.Line, taken []uuid.UUID) {
	before := make(map[uuid.UUID]leaderboards.Line, len(was))
	for _, line := range was {
		before[line.AthleteID] = line
	}
	for _, line := range now {
		old, known := before[line.AthleteID]
		if !known || !old.Same(line) {
			given = append(given, line)
		}
		delete(before, line.AthleteID)
	}
	for athlete := range before {
		taken = append(taken, athlete)
	}
	slices.SortFunc(taken, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return given, taken
}

// podiumsAfter are those of the classifications that a stage belongs to.
func (d *decision) podiumsAfter(given []leaderboards.Scored, stage leaderboards.Stage) []Podium {
	return podiums(tables(d.state.Ref, d.state.Scheme, given, d.state.Adjustments, d.state.Final), &stage)
}

func podiums(all []leaderboards.Standings, stage *leaderboards.Stage) []Podium {
	out := []Podium{}
	for _, t := range all {
		c := t.Classification
		if stage != nil && !c.Takes(*stage) {
			continue
		}
		p := Podium{Classification: c.Key, Name: c.Name, Of: len(t.Rows)}
		for _, r := range t.Rows {
			if r.Rank == 0 || r.Rank > 3 || len(p.Places) == maxPodium {
				break
			}
			p.Places = append(p.Places, Placing{Rank: r.Rank, AthleteID: r.AthleteID, Total: r.Total})
		}
		out = append(out, p)
	}
	return out
}

// chunks cuts what one event would be too small for.
func chunks[T any](all []T) [][]T { return slices.Collect(slices.Chunk(all, partSize)) }
