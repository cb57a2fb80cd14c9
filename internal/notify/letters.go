package notify

import (
	"strings"
	"time"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/internal/web/markdown"
	"segmentchallenge/web/templates/email"
)

// letter writes the mail of a notice.
func (s story) letter(site, base string) email.Notice {
	n := email.Notice{Site: site, Why: "You get this because you compete in " + s.challenge.Name + "."}
	address := base + "/challenges/" + s.challenge.Slug
	if s.stage.Slug != "" {
		n.Link, n.Action = address+"/stages/"+s.stage.Slug, "See the stage"
	} else {
		n.Link, n.Action = address, "See the challenge"
	}
	switch s.Kind {
	case athletes.LostPlace:
		s.lostPlace(&n)
	case athletes.StageStarted:
		s.started(&n)
	case athletes.ResultsPublished:
		s.published(&n)
	case athletes.ApproveStage:
		s.approve(&n)
		n.Link, n.Action = address+"/organise", "Look through the results"
	case athletes.HostChallenge:
		n.Title = s.challenge.Name + " isn't open yet"
		n.Lines = []string{"You have created it, and nobody can join or even see it until you host it.",
			"It is to start on " + format.DateTime(s.challenge.StartAt, s.zone()) + "."}
		n.Link, n.Action = address+"/organise", "Finish and host it"
	}
	if s.Kind == athletes.ApproveStage || s.Kind == athletes.HostChallenge {
		n.Why = "You get this because you organise " + s.challenge.Name + "."
	}
	return n
}

func (s story) zone() *time.Location {
	zone, err := time.LoadLocation(s.challenge.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// name is the stage in a title: "Stage 2, Kattenberg", or "Stage 2" where that is its name.
func (s story) name() string {
	number := "Stage " + format.Number(s.stage.Number)
	if s.stage.Name == number {
		return number
	}
	return number + ", " + s.stage.Name
}

// did goes on after the stage's name: "Stage 2, Kattenberg, has started".
func (s story) did(words string) string {
	name := s.name()
	if strings.Contains(name, ",") {
		name += ","
	}
	return name + " " + words
}

// lostPlace names the first and the present rank, and who is ahead by how much.
func (s story) lostPlace(n *email.Notice) {
	first := s.moves[0]
	n.Title = "You were " + format.Ordinal(first.From) + " on " + s.stage.Name + ", now you are " + format.Ordinal(first.Now)
	for _, m := range s.moves {
		n.Lines = append(n.Lines, "In "+string(m.Category)+": "+format.Ordinal(m.From)+" before, "+format.Ordinal(m.Now)+" now.")
	}
	for _, on := range s.standings {
		if on.category == first.Category && on.above != "" {
			n.Lines = append(n.Lines, on.above+s.ahead(on)+" with "+s.time(int64(on.RankedValue-on.GapAbove))+"; your time is "+s.time(int64(on.RankedValue))+".")
		}
	}
	if s.stage.Status == sport.Active && s.now.Before(s.stage.EndAt) {
		n.Lines = append(n.Lines, "The stage ends "+format.DayTime(s.stage.EndAt, s.zone())+".")
	}
}

func (s story) ahead(on standing) string {
	if on.GapAbove == 0 {
		return " is level with you"
	}
	return " is " + s.time(int64(on.GapAbove)) + " ahead of you"
}

func (s story) time(milli int64) string {
	return format.Value(milli, s.stage.Measure(), s.athlete.Units, s.challenge.Tenths)
}

func (s story) started(n *email.Notice) {
	n.Title = s.did("has started")
	n.Lines = []string{"In " + s.challenge.Name + ", until " + format.DayTime(s.stage.EndAt, s.zone()) + "."}
	if s.stage.SegmentName != "" {
		course := []string{format.Distance(s.stage.Distance, s.athlete.Units)}
		if s.stage.ElevationGain > 0 {
			course = append(course, format.Elevation(s.stage.ElevationGain, s.athlete.Units)+" up, "+format.Grade(s.stage.AverageGrade)+" on average")
		}
		n.Lines = append(n.Lines, s.stage.SegmentName+": "+strings.Join(course, ", ")+".")
	}
}

// published says how it ended for the athlete, and what the organiser has to say.
func (s story) published(n *email.Notice) {
	n.Title, n.Quote = "The results of "+s.challenge.Name, s.challenge.ResultsMessage
	if s.stage.Slug != "" {
		n.Title, n.Quote = "The results of "+s.name(), s.stage.ResultsMessage
	}
	for _, on := range s.standings {
		n.Lines = append(n.Lines, "You are "+format.Ordinal(on.Rank)+" of "+format.Number(on.of)+" in "+string(on.category)+
			", with "+s.time(int64(on.RankedValue))+".")
	}
	n.QuoteHTML = markdown.HTML(n.Quote)
}

func (s story) approve(n *email.Notice) {
	n.Title = s.did("has ended")
	n.Lines = []string{format.Count(s.stage.Athletes, "athlete has", "athletes have") + " a result. It is provisional until you approve it."}
	if s.stage.EndedAt != nil {
		n.Lines = append(n.Lines, "Left alone, it is approved by itself on "+format.DateTime(s.stage.EndedAt.Add(stages.ReviewTime), s.zone())+".")
	}
}
