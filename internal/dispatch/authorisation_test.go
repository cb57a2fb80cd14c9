package dispatch_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// authorisation is the table that this test keeps: UPDATE_GOLDEN=1 writes it.
const authorisation = "../../docs/authorisation.md"

const authorisationHead = `# Who may do what

Every command with everybody who might give it, as the aggregates decide. The table is written and checked by
` + "`internal/dispatch/authorisation_test.go`" + ` (UPDATE_GOLDEN=1 writes it); a command that isn't in it fails the test.

**yes**: may ask; whether it is done then depends on the rules. **own**: about themselves and what is theirs. **no**: is
refused, whatever the state of things. The organiser has created the challenge; the club administrator administers the club
that hosts it; the competitor takes part; the athlete is anybody else who is signed in. What follows from other
things, the program does alone.

`

// samples has one command of every type. It concerns the world's challenge, or somebody: whose says whom.
func (w *authorities) samples() map[string]func(by actor.Actor, whose uuid.UUID) dispatch.Command {
	now := dispatchtest.At(12, 0)
	challenge := func(by actor.Actor) challenges.Head { return w.season.Head(by, now) }
	stage := func(by actor.Actor) stages.Head { return stages.Head{ID: w.season.Stages[1], By: by, Now: now} }
	final := func(by actor.Actor) stages.Head { return stages.Head{ID: w.season.Stages[0], By: by, Now: now} }
	competitor := func(by actor.Actor) competitors.Head { return w.season.Competitor(w.competitor, by, now) }
	themselves := func(by actor.Actor, whose uuid.UUID) competitors.Head {
		return competitors.Head{ChallengeID: w.season.ID, AthleteID: whose, By: by, Now: now}
	}
	rules := competitors.Rules{StageID: w.season.Stages[1]}
	athlete := func(by actor.Actor, whose uuid.UUID) athletes.Head {
		return athletes.Head{ID: whose, By: by, Now: now}
	}
	club := func(by actor.Actor) clubs.Head { return clubs.Head{ID: w.club, By: by, Now: now} }
	newClub := func(by actor.Actor) clubs.Head { return clubs.Head{ID: uuid.New(), By: by, Now: now} }
	segment := func(by actor.Actor, whose uuid.UUID) segments.Head {
		return segments.Head{ID: uuid.NewSHA1(whose, []byte("segment")), By: by, Now: now}
	}
	activity := func(by actor.Actor, whose uuid.UUID) activities.Head {
		return activities.Head{ID: uuid.NewSHA1(whose, []byte("activity")), By: by, Now: now}
	}
	board := func(by actor.Actor) stageboard.Head {
		return stageboard.Head{ID: stageboard.IDOf(w.season.Stages[1], sport.Open), By: by, Now: now}
	}
	standings := func(by actor.Actor) challengeboard.Head {
		return challengeboard.Head{ChallengeID: w.season.ID, Category: sport.Open, By: by, Now: now}
	}
	name := "Other"
	return map[string]func(actor.Actor, uuid.UUID) dispatch.Command{
		"challenges.Create": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.Create{Head: challenges.Head{ID: uuid.New(), By: by, Now: now}, Slug: uuid.NewString(), Definition: challenges.Definition{Type: sport.SegmentChallenge,
				Name: "Another", Window: dispatchtest.Days(20, 31), TimeZone: "UTC"}}
		},
		"challenges.AddStage": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.AddStage{Head: challenge(by), StageID: uuid.New()}
		},
		"challenges.RescheduleStage": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.RescheduleStage{Head: challenge(by), StageID: w.season.Stages[1], Window: dispatchtest.Days(11, 15)}
		},
		"challenges.RemoveStage": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.RemoveStage{Head: challenge(by), StageID: w.season.Stages[2]}
		},
		"challenges.Host":    func(by actor.Actor, _ uuid.UUID) dispatch.Command { return challenges.Host{Head: challenge(by)} },
		"challenges.Start":   func(by actor.Actor, _ uuid.UUID) dispatch.Command { return challenges.Start{Head: challenge(by)} },
		"challenges.End":     func(by actor.Actor, _ uuid.UUID) dispatch.Command { return challenges.End{Head: challenge(by)} },
		"challenges.Cancel":  func(by actor.Actor, _ uuid.UUID) dispatch.Command { return challenges.Cancel{Head: challenge(by)} },
		"challenges.Approve": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return challenges.Approve{Head: challenge(by)} },
		"challenges.Reopen": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.Reopen{Head: challenge(by), Reason: "x"}
		},
		"challenges.Publish": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.Publish{Head: challenge(by), Message: "x"}
		},
		"challenges.Edit": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.Edit{Head: challenge(by), Name: &name}
		},
		"challenges.Rename": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.Rename{Head: challenge(by), Name: name}
		},
		"challenges.Describe": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.Describe{Head: challenge(by), Description: "x"}
		},
		"challenges.AdjustWindow": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.AdjustWindow{Head: challenge(by), Window: dispatchtest.Days(1, 31)}
		},
		"challenges.AdjustActivityTypes": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.AdjustActivityTypes{Head: challenge(by)}
		},
		"challenges.GroupAthletes": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challenges.GroupAthletes{Head: challenge(by)}
		},
		"challenges.SetScoring": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return challenges.SetScoring{Head: challenge(by)} },

		"stages.Create":     func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.Create{Head: stage(by)} },
		"stages.Reschedule": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.Reschedule{Head: stage(by)} },
		"stages.Delete":     func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.Delete{Head: stage(by)} },
		"stages.Describe": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return stages.Describe{Head: stage(by), Name: name, Type: sport.Flat}
		},
		"stages.ChangeSegment": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return stages.ChangeSegment{Head: stage(by), SegmentID: uuid.New()}
		},
		"stages.AdjustPoints": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return stages.AdjustPoints{Head: stage(by), Adjustment: sport.Double}
		},
		"stages.Edit":    func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.Edit{Head: stage(by), Name: &name} },
		"stages.Reveal":  func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.Reveal{Head: stage(by)} },
		"stages.Start":   func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.Start{Head: stage(by)} },
		"stages.End":     func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.End{Head: stage(by)} },
		"stages.Approve": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.Approve{Head: stage(by)} },
		"stages.Publish": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return stages.Publish{Head: final(by), Message: "x"}
		},
		"stages.Reopen": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stages.Reopen{Head: final(by), Reason: "x"} },

		"competitors.Join": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return competitors.Join{Head: themselves(by, whose)}
		},
		"competitors.Leave": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return competitors.Leave{Head: themselves(by, whose)}
		},
		"competitors.Exclude": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.Exclude{Head: competitor(by), Reason: "x"}
		},
		"competitors.Limit": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.Limit{Head: competitor(by), Reason: "x"}
		},
		"competitors.Allow": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return competitors.Allow{Head: competitor(by)} },
		"competitors.RecordByHand": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.RecordByHand{Head: competitor(by), Rules: rules}
		},
		"competitors.RecordEfforts": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.RecordEfforts{Head: competitor(by), Rules: rules}
		},
		"competitors.RemoveActivity": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.RemoveActivity{Head: competitor(by), ActivityID: uuid.New()}
		},
		"competitors.RemoveEffort": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.RemoveEffort{Head: competitor(by), EffortID: uuid.New()}
		},
		"competitors.ClearStage": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.ClearStage{Head: competitor(by), StageID: rules.StageID}
		},
		"competitors.FlagEffort": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.FlagEffort{Head: competitor(by), Rules: rules, EffortID: w.effort, Reason: "x"}
		},
		"competitors.AcceptEffort": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.AcceptEffort{Head: competitor(by), Rules: rules, EffortID: w.effort}
		},
		"competitors.RejectEffort": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.RejectEffort{Head: competitor(by), Rules: rules, EffortID: w.effort, Note: "x"}
		},
		"competitors.Restate": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.Restate{Head: competitor(by), StageID: rules.StageID}
		},
		"competitors.Reclassify": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return competitors.Reclassify{Head: competitor(by)}
		},

		"athletes.Register": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.Register{Head: athlete(by, whose)}
		},
		"athletes.ChangeProfile": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.ChangeProfile{Head: athlete(by, whose)}
		},
		"athletes.AppointAdmin": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.AppointAdmin{Head: athlete(by, whose), Admin: true}
		},
		"athletes.ChooseNotifications": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.ChooseNotifications{Head: athlete(by, whose)}
		},
		"athletes.ChangeAvatar": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.ChangeAvatar{Head: athlete(by, whose), Avatar: "cafe"}
		},
		"athletes.StarSegment": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.StarSegment{Head: athlete(by, whose), SegmentID: uuid.New()}
		},
		"athletes.UnstarSegment": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.UnstarSegment{Head: athlete(by, whose)}
		},
		"athletes.Delete": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.Delete{Head: athlete(by, whose)}
		},
		"athletes.NoteErasure": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return athletes.NoteErasure{Head: athlete(by, whose)}
		},

		"clubs.Create": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return clubs.Create{Head: newClub(by), Slug: "x"} },
		"clubs.ChangeAvatar": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return clubs.ChangeAvatar{Head: club(by), Avatar: "cafe"}
		},
		"clubs.Edit": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return clubs.Edit{Head: club(by)} },
		"clubs.Join": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return clubs.Join{Head: club(by)} },
		"clubs.AddMember": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return clubs.AddMember{Head: club(by), AthleteID: w.asking.AthleteID}
		},
		"clubs.DeclineMember": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return clubs.DeclineMember{Head: club(by), AthleteID: w.asking.AthleteID}
		},
		"clubs.RemoveMember": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return clubs.RemoveMember{Head: club(by), AthleteID: whose}
		},
		"clubs.AppointAdministrator": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return clubs.AppointAdministrator{Head: club(by), AthleteID: w.organiser.AthleteID, Administrator: true}
		},

		"segments.Add": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return segments.Add{Head: segments.Head{ID: uuid.New(), By: by, Now: now}, Name: name, ActivityType: sport.Ride}
		},
		"segments.Rename": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return segments.Rename{Head: segment(by, whose), Name: name, ActivityType: sport.Ride}
		},

		"activities.Record": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return activities.Record{Head: activities.Head{ID: uuid.New(), By: by, Now: now}, Facts: ride(whose)}
		},
		"activities.Edit": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return activities.Edit{Head: activity(by, whose), Name: name, Type: sport.Run}
		},
		"activities.Delete": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return activities.Delete{Head: activity(by, whose)}
		},
		"activities.Erase": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return activities.Erase{Head: activity(by, whose)}
		},
		"activities.NoteMatching": func(by actor.Actor, whose uuid.UUID) dispatch.Command {
			return activities.NoteMatching{Head: activity(by, whose)}
		},

		"stageboard.Open":     func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stageboard.Open{Head: board(by)} },
		"stageboard.Place":    func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stageboard.Place{Head: board(by)} },
		"stageboard.Withdraw": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stageboard.Withdraw{Head: board(by)} },
		"stageboard.Finalise": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stageboard.Finalise{Head: board(by)} },
		"stageboard.Reopen":   func(by actor.Actor, _ uuid.UUID) dispatch.Command { return stageboard.Reopen{Head: board(by)} },

		"challengeboard.Open": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return challengeboard.Open{Head: standings(by)} },
		"challengeboard.SetScheme": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challengeboard.SetScheme{Head: standings(by)}
		},
		"challengeboard.ScoreStage": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challengeboard.ScoreStage{Head: standings(by), StageID: w.season.Stages[0]}
		},
		"challengeboard.CorrectStage": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challengeboard.CorrectStage{Head: standings(by), StageID: w.season.Stages[0], Reason: "x"}
		},
		"challengeboard.Adjust": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challengeboard.Adjust{Head: standings(by), AthleteID: w.competitor.AthleteID, Classification: "GC", Points: 1, Reason: "x"}
		},
		"challengeboard.SetLimited": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challengeboard.SetLimited{Head: standings(by), AthleteID: w.competitor.AthleteID}
		},
		"challengeboard.Finalise": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challengeboard.Finalise{Head: standings(by)}
		},
		"challengeboard.ReopenStage": func(by actor.Actor, _ uuid.UUID) dispatch.Command {
			return challengeboard.ReopenStage{Head: standings(by), StageID: w.season.Stages[0]}
		},
		"challengeboard.Reopen": func(by actor.Actor, _ uuid.UUID) dispatch.Command { return challengeboard.Reopen{Head: standings(by)} },
	}
}

func ride(of uuid.UUID) activities.Facts {
	start := dispatchtest.At(12, 9)
	return activities.Facts{AthleteID: of, Name: "Ride", Type: sport.Ride, StartUTC: start, StartLocal: sport.LocalOf(start), ElapsedMs: 1000, Source: "gpx"}
}

// authorities is a challenge of a club with a stage that is final, one under way and one to come, and everybody who might
// want something of it. Each of them has an activity and a segment.
type authorities struct {
	*dispatchtest.Node
	club                                                  uuid.UUID
	season                                                *dispatchtest.Season
	stranger, competitor, organiser, clubAdmin, siteAdmin actor.Actor
	asking                                                actor.Actor // to be let into the club
	effort                                                uuid.UUID
}

func newAuthorities(t *testing.T) *authorities {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	w := &authorities{Node: n, club: uuid.New()}
	for _, a := range []*actor.Actor{&w.stranger, &w.competitor, &w.organiser, &w.clubAdmin, &w.siteAdmin, &w.asking} {
		*a = n.Athlete(sport.Female)
		now := dispatchtest.At(1, 0)
		n.Send(segments.Add{Head: segments.Head{ID: uuid.NewSHA1(a.AthleteID, []byte("segment")), By: *a, Now: now}, Name: "Road", ActivityType: sport.Ride,
			Geometry: segments.Geometry{Polyline: "_p~iF~ps|U_ulLnnqC", Distance: 1000}})
		n.Send(activities.Record{Head: activities.Head{ID: uuid.NewSHA1(a.AthleteID, []byte("activity")), By: *a, Now: now}, Facts: ride(a.AthleteID)})
	}
	w.siteAdmin.Admin = true
	head := func(by actor.Actor) clubs.Head { return clubs.Head{ID: w.club, By: by, Now: dispatchtest.At(1, 0)} }
	n.Send(clubs.Create{Head: head(w.clubAdmin), Slug: "club", Definition: clubs.Definition{Name: "Club", Private: true}})
	for _, member := range []actor.Actor{w.organiser, w.competitor, w.stranger, w.siteAdmin} { // being a member gives no rights
		n.Send(clubs.AddMember{Head: head(w.clubAdmin), AthleteID: member.AthleteID})
	}
	n.Send(clubs.Join{Head: head(w.asking)})
	w.season = n.Season(w.organiser, func(d *challenges.Definition) { d.ClubID = w.club }, dispatchtest.Days(1, 10), dispatchtest.Days(11, 20), dispatchtest.Days(21, 31))
	w.season.Host(dispatchtest.At(2, 0))
	w.season.Join(w.competitor)
	n.Send(stages.End{Head: stages.Head{ID: w.season.Stages[0], By: w.organiser, Now: dispatchtest.At(11, 0)}})
	n.Send(stages.Approve{Head: stages.Head{ID: w.season.Stages[0], By: w.organiser, Now: dispatchtest.At(11, 1)}})
	n.Send(stages.Start{Head: stages.Head{ID: w.season.Stages[1], By: actor.System, Now: dispatchtest.At(11, 2)}})
	effort := w.season.Effort(w.competitor, 1, 12, 600)
	n.Send(effort)
	w.effort = competitors.EffortIDOf(w.season.Stages[1], effort.Activity.ID, 1)
	return w
}

// may says whether somebody may ask for what they ask.
func (w *authorities) may(cmd dispatch.Command) bool {
	err := w.Dispatch.Check(w.Soon(), cmd)
	for _, r := range refusal.All(err) {
		switch r.Kind {
		case refusal.Forbidden:
			return false
		case refusal.NotFound, refusal.Gone:
			w.Errorf("%T: %v: the sample asks for what isn't there, so it proves nothing", cmd, err)
		case refusal.Refused, refusal.Invalid, refusal.Conflict, refusal.TooLarge, refusal.Malformed:
		}
	}
	if err != nil && refusal.All(err) == nil {
		w.Errorf("%T: %v", cmd, err)
	}
	return true
}

// TestAuthorisation asks every command of every role, against a real challenge. Nothing is carried out.
func TestAuthorisation(t *testing.T) {
	w := newAuthorities(t)
	roles := []struct {
		name string
		by   actor.Actor
	}{{"visitor", actor.Actor{}}, {"athlete", w.stranger}, {"competitor", w.competitor}, {"organiser", w.organiser},
		{"club administrator", w.clubAdmin}, {"site administrator", w.siteAdmin}, {"program", actor.System}}
	samples := w.samples()
	commands := commandTypes(t)
	for name := range samples {
		if !slices.Contains(commands, name) {
			t.Errorf("%s is no command any more", name)
		}
	}
	var out strings.Builder
	out.WriteString(authorisationHead)
	section := ""
	for _, name := range commands {
		sample, known := samples[name]
		if !known {
			t.Errorf("who may give the command %s? Add a sample of it here, and write the table anew", name)
			continue
		}
		if aggregate, _, _ := strings.Cut(name, "."); aggregate != section {
			section = aggregate
			fmt.Fprintf(&out, "| %s |", section)
			for _, r := range roles {
				fmt.Fprintf(&out, " %s |", r.name)
			}
			fmt.Fprintf(&out, "\n|%s\n", strings.Repeat(" --- |", len(roles)+1))
		}
		_, word, _ := strings.Cut(name, ".")
		fmt.Fprintf(&out, "| %s |", word)
		for _, r := range roles {
			fmt.Fprintf(&out, " %s |", w.cell(sample, r.by))
		}
		out.WriteString("\n")
		if i := slices.Index(commands, name); i+1 == len(commands) || !strings.HasPrefix(commands[i+1], section+".") {
			out.WriteString("\n")
		}
	}
	got := strings.TrimRight(out.String(), "\n") + "\n"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(authorisation, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(authorisation)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s says otherwise (-file +now):\n%s", authorisation, diff)
	}
}

// cell asks about oneself and about another.
func (w *authorities) cell(sample func(actor.Actor, uuid.UUID) dispatch.Command, by actor.Actor) string {
	other := w.competitor.AthleteID
	if by.Is(other) {
		other = w.organiser.AthleteID
	}
	own := by.AthleteID
	if own == uuid.Nil {
		own = other
	}
	switch mine, theirs := w.may(sample(by, own)), w.may(sample(by, other)); {
	case mine && theirs:
		return "yes"
	case mine:
		return "own"
	case theirs:
		return "others"
	}
	return "no"
}

// commandTypes are all there are: what implements the sealed interface of a package that is called …Command.
func commandTypes(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"../*/commands.go", "../leaderboards/*/commands.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range parsed.Decls {
				fn, ok := decl.(*ast.FuncDecl)
				if !ok || fn.Recv == nil || !strings.HasSuffix(fn.Name.Name, "Command") || ast.IsExported(fn.Name.Name) {
					continue
				}
				found = append(found, parsed.Name.Name+"."+fn.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	if len(found) < 60 {
		t.Fatalf("only %d commands were found: %v", len(found), found)
	}
	slices.SortStableFunc(found, func(a, b string) int {
		x, _, _ := strings.Cut(a, ".")
		y, _, _ := strings.Cut(b, ".")
		return strings.Compare(x, y)
	})
	return found
}
