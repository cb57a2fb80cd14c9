package processes

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// calendar is what the process of that name remembers of a challenge: when what is to happen to it and its stages by the
// clock. It knows what it needs to ask at the right time; whether it may happen, the aggregates decide.
type calendar struct {
	ID     uuid.UUID        `json:"id"`
	Zone   string           `json:"zone"`
	Status sport.Status     `json:"status"`
	Window sport.Window     `json:"window"`
	Since  time.Time        `json:"since,omitzero"` // when its results began to wait for approval
	Stages []date           `json:"stages,omitempty"`
	Alarms map[string]alarm `json:"alarms,omitempty"` // the timers that are set, by name
}

// date is a stage's; they are in the order of their numbers.
type date struct {
	ID     uuid.UUID    `json:"id"`
	Number int          `json:"number"`
	Status sport.Status `json:"status"`
	Window sport.Window `json:"window"`
	Since  time.Time    `json:"since,omitzero"`
}

// alarm is a timer. It rings at its time and, until an event shows that what it asks for has happened or isn't wanted any
// more, again after 1, 2, 4 … minutes, at most an hour.
type alarm struct {
	At    time.Time `json:"at"`
	Asked int       `json:"asked,omitempty"`
}

const (
	firstAgain   = time.Minute
	longestAgain = time.Hour
)

// Calendar is the process that starts, ends and approves challenges and stages when their time has come. There is an
// instance for each challenge, by its id.
var Calendar = process.Process[calendar]{
	Name: CalendarName,
	Events: []eventstore.Event{challenges.Created{}, challenges.StageAdded{}, challenges.StageRemoved{}, challenges.Hosted{},
		challenges.Started{}, challenges.Ended{}, challenges.Cancelled{}, challenges.ResultsApproved{}, challenges.Reopened{},
		challenges.WindowAdjusted{}, stages.Rescheduled{}, stages.Started{}, stages.Ended{}, stages.Approved{}, stages.Reopened{},
		stages.Deleted{}},
	Commands: map[string]any{"ChallengeStart": challenges.Start{}, "ChallengeEnd": challenges.End{}, "ChallengeApprove": challenges.Approve{},
		"StageStart": stages.Start{}, "StageEnd": stages.End{}, "StageApprove": stages.Approve{}},
	Refusals: process.ToIgnore, // the organiser was faster, or it is asked again
	Route: func(e eventstore.Event) []process.Route {
		if e, ok := e.(challenges.Created); ok {
			return process.Starts(e.ChallengeID.String())
		}
		return process.Continues(challengeOfDate(e).String())
	},
	React: func(c calendar, in process.Input) (calendar, []process.Effect) {
		switch in := in.(type) {
		case process.Happened:
			if _, over := in.Event.(challenges.Cancelled); over {
				return c, []process.Effect{process.Stop{}}
			}
			return c.hear(in.Event, in.Time).plan()
		case process.Due:
			return c.ring(in)
		case process.Refused:
		}
		return c, nil
	},
}

// plan sets the timers that are wanted and aren't set, and takes others back.
func (c calendar) plan() (calendar, []process.Effect) {
	var effects []process.Effect
	wanted, alarms := c.wanted(), map[string]alarm{}
	for _, name := range slices.Sorted(maps.Keys(c.Alarms)) {
		if _, still := wanted[name]; !still {
			effects = append(effects, process.CancelTimer{Timer: name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		set, is := c.Alarms[name]
		if !is || !set.At.Equal(wanted[name]) {
			set = alarm{At: wanted[name]}
			effects = append(effects, process.SetTimer{Timer: name, At: set.At})
		}
		alarms[name] = set
	}
	c.Alarms = alarms
	return c, effects
}

// ring asks for what is due, and sees to it that it is asked again.
func (c calendar) ring(in process.Due) (calendar, []process.Effect) {
	set := c.Alarms[in.Timer]
	again := min(firstAgain<<min(set.Asked, 10), longestAgain)
	set.Asked++
	c.Alarms = maps.Clone(c.Alarms)
	c.Alarms[in.Timer] = set
	return c, []process.Effect{process.Send{Command: c.command(in.Timer, in.Now)}, process.SetTimer{Timer: in.Timer, At: in.Now.Add(again)}}
}

// What alarms are for. A stage's is followed by its id.
const (
	toStart   = "start"
	toEnd     = "end"
	toApprove = "approve"
)

// wanted says what is to happen next by the clock, and when. A stage waits for its challenge, approval for the stages before.
func (c calendar) wanted() map[string]time.Time {
	want := map[string]time.Time{}
	switch c.Status {
	case sport.Upcoming:
		want[toStart] = c.moment(c.Window.Start)
	case sport.Active:
		want[toEnd] = c.moment(c.Window.End)
	}
	running, final := c.Status == sport.Active, true
	for _, s := range c.Stages {
		switch {
		case s.Status == sport.Upcoming && running:
			want[toStart+" "+s.ID.String()] = c.moment(s.Window.Start)
		case s.Status == sport.Active && (running || c.Status == sport.Past):
			want[toEnd+" "+s.ID.String()] = c.moment(s.Window.End)
		case s.Status == sport.Past && final:
			want[toApprove+" "+s.ID.String()] = s.Since.Add(stages.ReviewTime)
		}
		final = final && s.Status == sport.Approved
	}
	if c.Status == sport.Past && final {
		want[toApprove] = c.Since.Add(challenges.ReviewTime)
	}
	return want
}

func (c calendar) command(name string, now time.Time) dispatch.Command {
	verb, id, ofStage := strings.Cut(name, " ")
	challenge := challenges.Head{ID: c.ID, By: actor.System, Now: now}
	stage := stages.Head{By: actor.System, Now: now}
	if ofStage {
		stage.ID = uuid.MustParse(id)
	}
	switch {
	case verb == toStart && ofStage:
		return stages.Start{Head: stage}
	case verb == toEnd && ofStage:
		return stages.End{Head: stage}
	case verb == toApprove && ofStage:
		return stages.Approve{Head: stage}
	case verb == toStart:
		return challenges.Start{Head: challenge}
	case verb == toEnd:
		return challenges.End{Head: challenge}
	case verb == toApprove:
		return challenges.Approve{Head: challenge}
	}
	return nil // which nobody takes
}

// moment is when the challenge's clocks show a time. A zone that this machine doesn't know is UTC, as for the aggregates.
func (c calendar) moment(l sport.Local) time.Time {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	return l.In(zone)
}

// later is when the time for review begins: what has ended early may have an end that is still to come.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// byNumber keeps the stages in their order.
func byNumber(a, b date) int { return cmp.Compare(a.Number, b.Number) }
