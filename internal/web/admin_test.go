package web_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/process"
)

func TestAdminPagesAreForAdmins(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	for _, path := range []string{"/admin", "/admin/events", "/admin/events/1", "/admin/commands", "/admin/subscriptions", "/admin/parked", "/admin/athletes", "/admin/clubs", "/admin/mails"} {
		if got := s.Visitor().Get(path); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Location, "/sign-in") {
			t.Errorf("a visitor gets %d from %s", got.Status, path)
		}
		if got := s.SignIn(s.v.Ana).Get(path); got.Status != http.StatusForbidden {
			t.Errorf("an athlete gets %d from %s", got.Status, path)
		}
	}
	if got := s.SignIn(s.v.Ana).Post("/admin/athletes/"+s.v.Ana.ID.String()+"/appoint", url.Values{}); got.Status != http.StatusForbidden {
		t.Errorf("an athlete appoints herself: %d", got.Status)
	}
}

func TestAdminLooksIntoTheLog(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	admin := s.SignIn(s.Admin(s.v.Ana))
	if got := admin.Get("/admin"); got.Status != http.StatusOK || !got.Has("All is well") {
		t.Errorf("the overview answers %d:\n%.600s", got.Status, got.Text())
	}
	newest := admin.Get("/admin/events")
	if !newest.Has("AthleteAdminAppointed") {
		t.Errorf("the newest events are\n%.1500s", newest.Text())
	}
	if got := admin.Get("/admin/events?correlation=nonsense"); got.Status != http.StatusUnprocessableEntity || !got.Has("named by a UUID") {
		t.Errorf("a chain that is none: %d", got.Status)
	}
	if got := admin.Get("/admin/events?type=ChallengeHosted"); strings.Count(got.Body, "<tr") != 2 {
		t.Errorf("one challenge was hosted, the page has %d rows", strings.Count(got.Body, "<tr")-1)
	}
	if got := admin.Get("/admin/events?stream=no-such"); !got.Has("No such event") {
		t.Errorf("a stream that isn't there:\n%.600s", got.Text())
	}
	for _, path := range []string{"/admin/events/0", "/admin/events/x", "/admin/events/99999999"} {
		if got := admin.Get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got.Status)
		}
	}
}

// TestAdminSeesWhatAnEffortBroughtAbout follows an effort to the board that it stands on.
func TestAdminSeesWhatAnEffortBroughtAbout(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	admin := s.SignIn(s.Admin(s.v.Ana))
	found, err := s.Store.Browse(t.Context(), eventstore.Search{Filter: eventstore.Filter{Types: []string{"EffortAccepted"}}, Limit: 1})
	if err != nil || len(found.Events) == 0 {
		t.Fatal(err, "no effort")
	}
	page := admin.Get(fmt.Sprint("/admin/events/", found.Events[0].Position))
	_, chain, _ := strings.Cut(page.Body, `id="chain"`)
	accepted, placed := strings.Index(chain, "EffortAccepted"), strings.Index(chain, "StageBoardPlaced")
	if page.Status != http.StatusOK || accepted < 0 || placed < accepted || !strings.Contains(chain, `aria-current="true"`) {
		t.Errorf("%d, effort at %d, board at %d of the chain:\n%.1500s", page.Status, accepted, placed, chain)
	}
}

func TestAdminAppointsAdmins(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	admin := s.SignIn(s.Admin(s.v.Ana))
	dirk := "/admin/athletes/" + s.v.Dirk.ID.String()
	if got := admin.Post(dirk+"/appoint", url.Values{}); got.Status != http.StatusSeeOther {
		t.Fatalf("appointing answers %d", got.Status)
	}
	if got := s.SignIn(s.v.Dirk).Get("/admin"); got.Status != http.StatusOK {
		t.Errorf("the new administrator gets %d", got.Status)
	}
	reads(t, admin, "/admin/athletes?q="+url.QueryEscape(s.v.Dirk.Email), "Dirk Aerts", "not Bram Claes")
	reads(t, admin, "/admin/athletes?q=nobody%40example.org", "Nothing found")
	reads(t, admin, "/admin/athletes?q=half%40", "Nothing found")
	reads(t, admin, "/admin/clubs?q=kat", "WTC De Kattenberg", "3 members", "1 public challenge")
	reads(t, admin, "/admin/clubs?q=none", "Nothing found")
	if got := admin.Get("/admin/athletes?q=" + url.QueryEscape(s.v.Dirk.Name)); !got.Has("Administrator no more") {
		t.Errorf("the list:\n%.600s", got.Text())
	}
	admin.Post(dirk+"/dismiss", url.Values{})
	if got := s.SignIn(s.v.Dirk).Get("/admin"); got.Status != http.StatusForbidden {
		t.Errorf("the former administrator gets %d", got.Status)
	}
	if got := admin.Post(dirk+"/promote", url.Values{}); got.Status != http.StatusNotFound {
		t.Errorf("an action that isn't there: %d", got.Status)
	}
}

// TestAdminSeesWhatWasAskedFor also when it was refused.
func TestAdminSeesWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	admin := s.SignIn(s.Admin(s.v.Ana))
	if got := s.SignIn(s.v.Organiser).Post(s.challenge+"/organise/start", url.Values{}); got.Status == http.StatusSeeOther {
		t.Fatalf("an active challenge was started again: %d", got.Status)
	}
	if err := s.Audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	reads(t, admin, "/admin/commands", "AppointAdmin", "done")
	reads(t, admin, "/admin/commands?outcome=refused", "challenges.Start", s.v.Organiser.ID.String(), "not AppointAdmin")
	reads(t, admin, "/admin/commands?outcome=panicked", "No such command")
	reads(t, admin, "/admin/commands?people=yes&actor=system", "No such command")
	if got := admin.Get("/admin/commands?correlation=x"); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a chain that is none: %d", got.Status)
	}
}

// TestAdminTriesParkedEventsAgain parks an event by a handler that fails until it is mended.
func TestAdminTriesParkedEventsAgain(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	admin := s.SignIn(s.Admin(s.v.Ana))
	reads(t, admin, "/admin/parked", "Nothing is parked")
	var mended atomic.Bool
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- s.Store.RunHandler(ctx, eventstore.HandlerSubscription{Name: "mailer", Filter: eventstore.Filter{Types: []string{"ChallengeHosted"}},
			Retry: eventstore.Backoff{Attempts: 1}, Handle: func(context.Context, eventstore.Recorded) error {
				if !mended.Load() {
					return errors.New("the post office is closed")
				}
				return nil
			}})
	}()
	defer func() { stop(); <-ended }()
	until(t, "the event is parked", func() bool { return admin.Get("/admin/parked").Has("the post office is closed") })
	reads(t, admin, "/admin", "mailer has parked 1 event")
	mended.Store(true)
	if got := admin.Post("/admin/parked/mailer/replay", url.Values{}); got.Status != http.StatusSeeOther {
		t.Fatalf("replaying answers %d", got.Status)
	}
	until(t, "the event is handled", func() bool { return admin.Get("/admin/parked").Has("Nothing is parked") })
}

// TestAdminResumesWhatHasStopped has a worker on another node that gives up for good until it is mended.
func TestAdminResumesWhatHasStopped(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	admin := s.SignIn(s.Admin(s.v.Ana))
	other, err := eventstore.Open(t.Context(), postgrestest.Second(t, s.Pool), s.Store.Registry(), eventstore.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var mended atomic.Bool
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- other.Run(ctx) }()
	go func() {
		ended <- other.RunHandler(ctx, eventstore.HandlerSubscription{Name: "mailer", Filter: eventstore.Filter{Types: []string{"ChallengeHosted"}},
			Retry: eventstore.Backoff{Attempts: 1}, GiveUp: eventstore.Stop, Handle: func(context.Context, eventstore.Recorded) error {
				if !mended.Load() {
					return errors.New("the post office is closed")
				}
				return nil
			}})
	}()
	defer func() {
		stop()
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Error(err)
		}
	}()
	until(t, "it has stopped", func() bool { return admin.Get("/admin/subscriptions").Has("the post office is closed") })
	reads(t, admin, "/admin", "mailer is stopped")
	reads(t, admin, "/admin/subscriptions", "Go on")
	mended.Store(true)
	const resume = "/admin/subscriptions/mailer/resume"
	if got := admin.Post(resume, url.Values{}); got.Status != http.StatusSeeOther {
		t.Fatalf("resuming answers %d", got.Status)
	}
	until(t, "it has gone on", func() bool {
		at, err := s.Store.Checkpoints(t.Context())
		i := slices.IndexFunc(at, func(c eventstore.Checkpoint) bool { return c.Name == "mailer" })
		return err == nil && at[i].State == eventstore.StateRunning && at[i].Lag() == 0
	})
	reads(t, admin, "/admin/subscriptions", "not the post office is closed", "not Go on")
	if got := admin.Post(resume, url.Values{}); got.Status != http.StatusSeeOther {
		t.Errorf("resuming what runs answers %d", got.Status)
	}
	if got := admin.Post("/admin/subscriptions/miller/resume", url.Values{}); got.Status != http.StatusNotFound || !got.Has("no read model or worker") {
		t.Errorf("resuming what isn't there answers %d", got.Status)
	}
}

// until asks again and again, for what another worker does.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(20 * time.Second); !is(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited for: %s", what)
		}
	}
}

// TestAdminTriesInstancesAgain has a process whose command can't be carried out until that is mended.
func TestAdminTriesInstancesAgain(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	admin := s.SignIn(s.Admin(s.v.Ana))
	var mended atomic.Bool
	greeted := make(chan uuid.UUID, 1)
	greeter, err := process.New(s.Store, s.Pool, process.Process[struct{}]{
		Name: "greeter", Events: []eventstore.Event{challenges.Hosted{}}, Commands: map[string]any{"Greet": greet{}},
		Route: func(e eventstore.Event) []process.Route {
			return process.Starts(e.(challenges.Hosted).ChallengeID.String())
		},
		React: func(m struct{}, in process.Input) (struct{}, []process.Effect) {
			return m, []process.Effect{process.Send{Command: greet{in.(process.Happened).Event.(challenges.Hosted).ChallengeID}}}
		},
	}, func(_ context.Context, command any, _ eventstore.Meta) error {
		if !mended.Load() {
			return errors.New("nobody answers the door")
		}
		greeted <- command.(greet).Challenge
		return nil
	}, process.Options{Retry: eventstore.Backoff{Attempts: 1}, Poll: 10 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- greeter.Run(ctx) }()
	defer func() { stop(); <-ended }()
	until(t, "the command is parked", func() bool { return admin.Get("/admin/parked").Has("nobody answers the door") })
	reads(t, admin, "/admin", "greeter is stuck with")
	parked, err := process.ListParked(t.Context(), s.Pool)
	if err != nil || len(parked) == 0 {
		t.Fatalf("parked: %+v, %v", parked, err)
	}
	mended.Store(true)
	if got := admin.Post("/admin/instances/greeter/replay", url.Values{"instance": {parked[0].Instance}}); got.Status != http.StatusSeeOther {
		t.Fatalf("replaying answers %d", got.Status)
	}
	if id := <-greeted; id.String() != parked[0].Instance {
		t.Errorf("greeted %s, not %s", id, parked[0].Instance)
	}
	until(t, "the command is sent", func() bool { return !admin.Get("/admin/parked").Has(parked[0].Instance) })
	if got := admin.Post("/admin/instances/greeter/discard", url.Values{"instance": {"nobody"}}); got.Status != http.StatusSeeOther {
		t.Errorf("discarding what isn't there answers %d", got.Status)
	}
}

// greet is a command of a process that only this test knows.
type greet struct{ Challenge uuid.UUID }
