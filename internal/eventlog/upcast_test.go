package eventlog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/api"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/webtest"
)

// Two shapes that AthleteRegistered might have had: one name, then a name in two parts.
type (
	registered1 struct {
		ID   uuid.UUID `json:"id"`
		Name string    `json:"name" personal:""`
	}
	registered2 struct {
		AthleteID uuid.UUID `json:"athleteId"`
		Name      [2]string `json:"name" personal:""`
	}
)

func (registered1) EventType() string   { return "AthleteRegistered" }
func (registered2) EventType() string   { return "AthleteRegistered" }
func (r registered1) Person() uuid.UUID { return r.ID }
func (r registered2) Person() uuid.UUID { return r.AthleteID }

// lifted turns data of one shape into that of the next.
func lifted[Old any](lift func(Old) any) eventstore.Upcaster {
	return func(data json.RawMessage) (json.RawMessage, error) {
		var old Old
		if err := json.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		return json.Marshal(lift(old))
	}
}

var past = map[string][]eventstore.TypeOption{"AthleteRegistered": {eventstore.WithVersion(3),
	eventstore.Upcast(1, lifted(func(r registered1) any {
		first, last, _ := strings.Cut(r.Name, " ")
		return registered2{r.ID, [2]string{first, last}}
	})),
	eventstore.Upcast(2, lifted(func(r registered2) any {
		return map[string]any{"athleteId": r.AthleteID, "firstName": r.Name[0], "lastName": r.Name[1], "units": sport.Metric, "visibility": athletes.Everyone}
	})),
}}

// seenBy is what each reader of the log makes of the athletes' names, by the schema version that they were stored with.
type seenBy map[string][3]string

// MG-05: events of three schema versions are read alike by whoever reads: an aggregate, a projection, a handler, a process, the
// API, a rebuild, a migration.
func TestMG05_UpcastersForAll(t *testing.T) {
	t.Parallel()
	observed := &observer{handled: map[uuid.UUID]string{}, routed: map[uuid.UUID]string{}}
	s := webtest.Start(t, webtest.Options{Registry: eventlog.RegistryOf(past), Workers: []func(context.Context) error{observed.handle, observed.process},
		Web: func(site *webtest.Site, o *web.Options) {
			observed.site = site
			o.API = api.New(api.Options{Store: site.Store, Dispatch: site.Dispatch, Pool: site.Pool, Accounts: site.Accounts, Importer: site.Importer})
		}})
	ids := store(s)
	want := [3]string{"Ana One", "Ben Two", "Cleo Three"}
	soon := s.Context()
	head, err := s.Store.Head(soon)
	if err == nil {
		err = s.Store.WaitFor(soon, head, append(s.ReadModels(), "upcast handler", "upcast process")...)
	}
	if err != nil {
		t.Fatal(err)
	}
	check := func(seen seenBy) {
		t.Helper()
		for who, names := range seen {
			if diff := cmp.Diff(want, names); diff != "" {
				t.Errorf("%s: %s", who, diff)
			}
		}
	}
	check(readers(s, ids))
	check(seenBy{"a handler": observed.names(observed.handled, ids), "a process": observed.names(observed.routed, ids)})
	if err := readmodel.Rebuild(soon, s.Pool, s.Store, readmodel.PeopleModel); err != nil {
		t.Fatal(err)
	}
	check(seenBy{"a rebuild": readers(s, ids)["a projection"]})
	check(migration(s, ids))

	// A person who is forgotten is so in each shape, though upcasters find nothing to lift.
	if err := s.Vault.Forget(soon, ids[0]); err != nil {
		t.Fatal(err)
	}
	want[0] = "Deleted athlete"
	if err := readmodel.Rebuild(soon, s.Pool, s.Store, readmodel.PeopleModel); err != nil {
		t.Fatal(err)
	}
	seen := readers(s, ids)
	delete(seen, "an aggregate") // has the state in memory until the athlete is erased, see internal/privacy
	check(seen)
}

// store puts three athletes into the log, each as a program of its time would have.
func store(s *webtest.Site) (ids [3]uuid.UUID) {
	s.Helper()
	for i := range ids {
		ids[i] = uuid.New()
	}
	for i, e := range []eventstore.Event{registered1{ids[0], "Ana One"}, registered2{ids[1], [2]string{"Ben", "Two"}},
		athletes.Registered{AthleteID: ids[2], Profile: athletes.Profile{FirstName: "Cleo", LastName: "Three", Units: sport.Metric, Visibility: athletes.Everyone}}} {
		then := eventstore.NewRegistry()
		then.SealWith(s.Vault)
		eventstore.RegisterValue(then, e)
		n, err := then.Encode(e, eventstore.Meta{}, 0)
		if err != nil {
			s.Fatal(err)
		}
		if strings.Contains(string(n.Data), "Ana") || strings.Contains(string(n.Data), "Ben") {
			s.Fatalf("not sealed: %s", n.Data)
		}
		n.SchemaVersion = i + 1
		if _, err := s.Store.Append(s.Context(), eventstore.Write{Stream: eventstore.StreamName("athlete", ids[i]), Events: []eventstore.NewEvent{n}}); err != nil {
			s.Fatal(err)
		}
	}
	return ids
}

// readers are those who are asked.
func readers(s *webtest.Site, ids [3]uuid.UUID) seenBy {
	s.Helper()
	var byAggregate, byProjection, byAPI [3]string
	host := aggregate.NewHost[athletes.State](s.Store, "athlete", aggregate.Options{})
	for i, id := range ids {
		state, _, err := host.Load(s.Context(), id)
		if err != nil {
			s.Fatal(err)
		}
		byAggregate[i] = state.Profile.FirstName + " " + state.Profile.LastName
		row, err := readmodel.AthleteByID(s.Context(), s.Pool, id)
		if err != nil {
			s.Fatal(err)
		}
		byProjection[i] = row.Name
		answer, err := http.Get(s.URL + "/api/v1/athletes/" + id.String())
		if err != nil {
			s.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		var read struct{ Name string }
		if err := errors.Join(err, json.Unmarshal(body, &read)); err != nil {
			s.Fatalf("%v: %s", err, body)
		}
		byAPI[i] = read.Name
	}
	return seenBy{"an aggregate": byAggregate, "a projection": byProjection, "the API": byAPI}
}

// observer runs a handler and a process.
type observer struct {
	site            *webtest.Site
	mu              sync.Mutex
	handled, routed map[uuid.UUID]string
}

func (o *observer) note(in map[uuid.UUID]string, e eventstore.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r, ok := e.(athletes.Registered); ok {
		in[r.AthleteID] = r.FirstName + " " + r.LastName
	}
}

func (o *observer) names(in map[uuid.UUID]string, ids [3]uuid.UUID) [3]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return [3]string{in[ids[0]], in[ids[1]], in[ids[2]]}
}

func (o *observer) handle(ctx context.Context) error {
	return o.site.Store.RunHandler(ctx, eventstore.HandlerSubscription{Name: "upcast handler", Handle: func(_ context.Context, rec eventstore.Recorded) error {
		e, err := o.site.Store.Registry().Decode(rec)
		o.note(o.handled, e)
		return err
	}})
}

func (o *observer) process(ctx context.Context) error {
	m, err := process.New(o.site.Store, o.site.Pool, process.Process[struct{}]{Name: "upcast process", Events: []eventstore.Event{athletes.Registered{}},
		Route: func(e eventstore.Event) []process.Route {
			return process.Starts(e.(athletes.Registered).AthleteID.String())
		},
		React: func(state struct{}, in process.Input) (struct{}, []process.Effect) {
			if happened, ok := in.(process.Happened); ok {
				o.note(o.routed, happened.Event)
			}
			return state, nil
		}}, func(context.Context, any, eventstore.Meta) error { return errors.New("nothing is to be sent") }, process.Options{})
	if err != nil {
		return err
	}
	return m.Run(ctx)
}

// migration copies the log; who transforms reads as everybody does, and so does who reads the copy.
func migration(s *webtest.Site, ids [3]uuid.UUID) seenBy {
	s.Helper()
	var transformed, copied [3]string
	read := func(into *[3]string, rec eventstore.Recorded) error {
		e, err := s.Store.Registry().Decode(rec)
		if r, ok := e.(athletes.Registered); ok {
			for i, id := range ids {
				if r.AthleteID == id {
					into[i] = r.FirstName + " " + r.LastName
				}
			}
		}
		return err
	}
	target := postgrestest.New(s)
	m, err := eventstore.Migrate(s.Context(), s.Store, target, eventstore.MigrateOptions{Registry: s.Store.Registry(),
		Transform: func(rec eventstore.Recorded) ([]eventstore.Recorded, error) {
			return []eventstore.Recorded{rec}, read(&transformed, rec)
		}})
	if err != nil || m.Read != m.Written {
		s.Fatal(fmt.Sprint(m), err)
	}
	copy, err := eventstore.Open(s.Context(), target, s.Store.Registry(), eventstore.Options{})
	if err != nil {
		s.Fatal(err)
	}
	for rec, err := range copy.ReadAll(s.Context(), eventstore.ReadOptions{}) {
		if err := errors.Join(err, read(&copied, rec)); err != nil {
			s.Fatal(err)
		}
	}
	return seenBy{"a transform": transformed, "a copy": copied}
}
