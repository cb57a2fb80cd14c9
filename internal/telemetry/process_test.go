package telemetry_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/telemetry"
	"segmentchallenge/internal/web/webtest"
)

// keepsakes stars a segment for everybody who enters a board, and another one some time later: a process that sends because
// of an event, and because of a timer.
func keepsakes(now, then uuid.UUID) process.Process[uuid.UUID] {
	star := func(athlete, segment uuid.UUID) process.Effect {
		head := athletes.Head{ID: athlete, By: actor.System, Now: webtest.Day(0, 0).In(webtest.Zone)}
		return process.Send{Command: athletes.StarSegment{Head: head, SegmentID: segment}}
	}
	return process.Process[uuid.UUID]{
		Name: "keepsakes", Events: []eventstore.Event{stageboard.Placed{}}, Commands: map[string]any{"AthleteStarSegment": athletes.StarSegment{}},
		Route: func(e eventstore.Event) []process.Route {
			return process.Starts(e.(stageboard.Placed).AthleteID.String())
		},
		React: func(athlete uuid.UUID, in process.Input) (uuid.UUID, []process.Effect) {
			switch in := in.(type) {
			case process.Happened:
				placed := in.Event.(stageboard.Placed)
				return placed.AthleteID, []process.Effect{star(placed.AthleteID, now), process.SetTimer{Timer: "later", At: in.Time.Add(time.Hour)}}
			case process.Due:
				return athlete, []process.Effect{star(athlete, then), process.Stop{}}
			case process.Refused:
			}
			return athlete, nil
		},
	}
}

// path names the spans from the root of a trace to one that is picked, each the parent of the next; the root comes back too.
func path(spans tracetest.SpanStubs, to tracetest.SpanStub) (names []string, root tracetest.SpanStub) {
	for {
		names = append([]string{to.Name}, names...)
		i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool {
			return s.SpanContext.TraceID() == to.SpanContext.TraceID() && s.SpanContext.SpanID() == to.Parent.SpanID()
		})
		if i < 0 {
			return names, to
		}
		to = spans[i]
	}
}

// An upload, the effort in it, the board that it changes and what a process sends because of that are one trace, also where
// the process's command has waited in its outbox. What a timer leads to is another one that names the first.
func TestTraceCrossesTheOutbox(t *testing.T) {
	t.Parallel()
	tel, kept := traced(t)
	site := webtest.Start(t, webtest.Options{Telemetry: tel})
	ilse, ana := site.Athlete("Ilse Maes", sport.Female, nil), site.Athlete("Ana Smet", sport.Undisclosed, nil)
	hill := site.Segment(ilse, "Heideheuvel", webtest.Hill(0))
	others := []uuid.UUID{site.Segment(ilse, "Kattenberg", webtest.Hill(1)).ID, site.Segment(ilse, "Muur", webtest.Hill(2)).ID}
	c := site.Challenge(ilse, "One Hill", nil)
	site.Stage(ilse, c, "Heideheuvel", hill, func(d *challenges.StageDefinition) { d.Window = webtest.Days(-7, 20) })
	site.Host(ilse, c)
	site.Join(c, ana)
	m, err := process.New(site.Store, site.Pool, keepsakes(others[0], others[1]), func(ctx context.Context, command any, meta eventstore.Meta) error {
		_, err := site.Dispatch.Send(ctx, command.(dispatch.Command), meta)
		return err
	}, process.Options{Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Time{} }, Observe: tel.Sending})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	kept.Reset()

	site.Ride(ana, webtest.Ride{Line: webtest.Hill(0), Start: webtest.Day(-1, 10*time.Hour).In(webtest.Zone), Time: 5 * time.Minute})
	wait(t, site, m)
	if fired, err := m.FireDue(t.Context(), webtest.Day(1, 0).In(webtest.Zone)); err != nil || fired != 1 {
		t.Fatalf("%d timers fired, %v", fired, err)
	}
	wait(t, site, m)

	spans := kept.GetSpans()
	var stars tracetest.SpanStubs
	for _, s := range spans {
		if s.Name == "athletes.StarSegment" {
			stars = append(stars, s)
		}
	}
	if len(stars) != 2 {
		t.Fatalf("%d segments were starred, want 2", len(stars))
	}
	names, upload := path(spans, stars[0])
	want := []string{"activities.Record", "handle importer", "competitors.RecordEfforts", "handle processes", "stageboard.Place",
		"send keepsakes", "athletes.StarSegment"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the trace of the upload (-want +got):\n%s", diff)
	}
	names, timed := path(spans, stars[1])
	if diff := cmp.Diff([]string{"send keepsakes", "athletes.StarSegment"}, names); diff != "" {
		t.Errorf("the trace of the timer (-want +got):\n%s", diff)
	}
	if len(timed.Links) != 1 || timed.Links[0].SpanContext.TraceID() != upload.SpanContext.TraceID() {
		t.Errorf("the trace of the timer is linked to %v", timed.Links)
	}
}

// wait returns when a process has handled what is in the log, and sent what it has decided.
func wait(t *testing.T, site *webtest.Site, m *process.Manager) {
	t.Helper()
	head, err := site.Store.Head(t.Context())
	if err == nil {
		err = site.Store.WaitFor(t.Context(), head, m.Name())
	}
	if err == nil {
		err = m.Sent(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What follows from nothing that is traced gets no span; a try that fails is an error.
func TestSpansOfSending(t *testing.T) {
	t.Parallel()
	tel, kept := traced(t)
	quiet, err := telemetry.New(telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, s := range []process.Sending{{Process: "none"}, {Process: "strange", Traceparent: "00-x"}, {Process: "traced", Traceparent: parent}} {
		for _, to := range []*telemetry.Telemetry{tel, quiet} {
			_, done := to.Sending(t.Context(), s)
			done(context.DeadlineExceeded)
		}
	}
	spans := kept.GetSpans()
	if len(spans) != 1 || spans[0].Name != "send traced" || spans[0].Status.Code != codes.Error || spans[0].Parent.SpanID().String() != "b7ad6b7169203331" {
		t.Errorf("%+v", spans)
	}
}
