package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

var (
	errNoEvent = refusal.Of(refusal.NotFound, "event_not_found", "The log has no event at this position.")
	errNoChain = refusal.Field("correlation", "invalid", "A chain of causes is named by a UUID, as on the page of an event.")
)

func (s *Server) adminEventsPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := pages.AdminEventsView{Stream: strings.TrimSpace(q.Get("stream")), Type: q.Get("type"), Correlation: strings.TrimSpace(q.Get("correlation")),
		Actor: strings.TrimSpace(q.Get("actor")), Types: eventTypeOptions(s.Store.Registry(), q.Get("type"))}
	status := http.StatusOK
	search, err := searchOf(v, q.Get("before"))
	if said, ok := problemsOf(err); ok {
		v.CorrelationError, v.Errors, status = said["correlation"], said.summary("correlation"), http.StatusUnprocessableEntity
	} else if err := s.findEvents(r, search, &v); err != nil {
		return err
	}
	return s.showAdmin(w, r, status, "Events", func(p layout.Page) templ.Component { return pages.AdminEvents(p, v) })
}

func eventTypeOptions(registry *eventstore.Registry, selected string) []ui.Option {
	options := []ui.Option{{Label: "Any"}}
	for _, name := range registry.Types() {
		options = append(options, ui.Option{Value: name, Label: name, Selected: name == selected})
	}
	return options
}

func searchOf(v pages.AdminEventsView, before string) (eventstore.Search, error) {
	search := eventstore.Search{Actor: v.Actor}
	if v.Type != "" {
		search.Types = []string{v.Type}
	}
	if v.Stream != "" {
		search.Streams = []string{v.Stream}
	}
	if n, err := strconv.ParseInt(before, 10, 64); err == nil {
		search.Before = n // an address that was mangled begins at the newest
	}
	if v.Correlation != "" {
		id, err := uuid.Parse(v.Correlation)
		if err != nil {
			return search, errNoChain
		}
		search.Correlation = id
	}
	return search, nil
}

func (s *Server) findEvents(r *http.Request, search eventstore.Search, v *pages.AdminEventsView) error {
	found, err := s.Store.Browse(r.Context(), search)
	if err != nil {
		return err
	}
	zone, err := s.zoneOfViewer(r)
	if err != nil {
		return err
	}
	for _, e := range found.Events {
		v.Events = append(v.Events, eventRow(e, zone))
	}
	v.Looked = "That is where the log begins."
	if found.From > 1 {
		v.Looked = "Looked back to event " + format.Number(int(found.From)) + "."
		v.Older = withQuery(*r.URL, "before", strconv.FormatInt(found.From, 10))
	}
	if search.Before > 0 {
		v.Newest = withQuery(*r.URL, "before", "")
	}
	return nil
}

// zoneOfViewer is the clock that an administrator reads.
func (s *Server) zoneOfViewer(r *http.Request) (*time.Location, error) {
	a, err := readmodel.AthleteByID(r.Context(), s.Pool, viewer(r).AthleteID)
	return zoneOf(a.TimeZone), err
}

func eventRow(e eventstore.Recorded, zone *time.Location) pages.AdminEventRow {
	return pages.AdminEventRow{Position: strconv.FormatInt(e.Position, 10), Type: e.Type, Stream: e.Stream, Version: strconv.FormatInt(e.Version, 10),
		Time: e.Time.In(zone).Format("2 Jan 2006, 15:04:05.000"), Machine: format.Machine(e.Time), Actor: e.Actor,
		URL: fmt.Sprint("/admin/events/", e.Position), StreamURL: "/admin/events?stream=" + e.Stream}
}

func (s *Server) adminEventPage(w http.ResponseWriter, r *http.Request) error {
	position, err := strconv.ParseInt(chi.URLParam(r, "position"), 10, 64)
	if err != nil || position < 1 {
		return errNoEvent
	}
	found, err := s.Store.Browse(r.Context(), eventstore.Search{Before: position + 1, Limit: 1})
	if err != nil {
		return err
	}
	if len(found.Events) == 0 || found.Events[0].Position != position {
		return errNoEvent
	}
	zone, err := s.zoneOfViewer(r)
	if err != nil {
		return err
	}
	e := found.Events[0]
	v := pages.AdminEventView{Event: eventRow(e, zone), Stored: indented(e.Data), Metadata: indented(e.Metadata), Facts: eventFacts(e)}
	v.Data, v.Problem = s.decoded(e)
	if v.Data == "" || sameJSON(v.Data, v.Stored) {
		v.Data, v.Stored = v.Stored, ""
	}
	if v.Chain, err = s.chainOf(r, e, zone); err != nil {
		return err
	}
	if e.CorrelationID != uuid.Nil {
		v.ChainURL = "/admin/events?correlation=" + e.CorrelationID.String()
	}
	return s.showAdmin(w, r, http.StatusOK, e.Type, func(p layout.Page) templ.Component { return pages.AdminEvent(p, v) })
}

func eventFacts(e eventstore.Recorded) []pages.Fact {
	return []pages.Fact{
		{Name: "Event", Value: e.ID.String()},
		{Name: "Stream", Value: e.Stream, URL: "/admin/events?stream=" + e.Stream},
		{Name: "Version", Value: strconv.FormatInt(e.Version, 10)},
		{Name: "Schema version", Value: strconv.Itoa(e.SchemaVersion)},
		{Name: "By", Value: e.Actor, URL: "/admin/events?actor=" + e.Actor},
		{Name: "Caused by", Value: orNone(e.CausationID)},
		{Name: "Chain of causes", Value: orNone(e.CorrelationID)},
	}
}

func orNone(id uuid.UUID) string {
	if id == uuid.Nil {
		return "–"
	}
	return id.String()
}

// decoded is the event as the program understands it today: old shapes lifted, what was forgotten gone.
func (s *Server) decoded(e eventstore.Recorded) (text, problem string) {
	event, err := s.Store.Registry().Decode(e)
	if err != nil {
		return "", "The program can't read this event: " + err.Error()
	}
	data, err := json.Marshal(event)
	if err != nil {
		return "", "The program can't show this event: " + err.Error()
	}
	return indented(data), ""
}

func indented(data json.RawMessage) string {
	if len(data) == 0 {
		return ""
	}
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return string(data)
	}
	return out.String()
}

// sameJSON compares without the order of names.
func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	p, _ := json.Marshal(x) // maps are written in the order of their names; what was read can be written
	q, _ := json.Marshal(y)
	return bytes.Equal(p, q)
}

// chainSpan is how many events after the one shown are looked through for what it brought about. Nearly all of that
// follows at once; what a timer does days later has a page of its own ("All of the chain").
const (
	chainSpan = 20_000
	chainRows = 200
)

// chainOf is what belongs to the same chain as an event, as a tree: each event under the one that caused it.
func (s *Server) chainOf(r *http.Request, e eventstore.Recorded, zone *time.Location) ([]pages.AdminEventRow, error) {
	if e.CorrelationID == uuid.Nil {
		row := eventRow(e, zone)
		row.Current = true
		return []pages.AdminEventRow{row}, nil
	}
	found, err := s.Store.Browse(r.Context(), eventstore.Search{Correlation: e.CorrelationID, Before: e.Position + chainSpan, Limit: chainRows})
	if err != nil {
		return nil, err
	}
	slices.Reverse(found.Events)
	var rows []pages.AdminEventRow
	for _, branch := range tree(found.Events) {
		row := eventRow(branch.event, zone)
		row.Depth, row.Current = branch.depth, branch.event.Position == e.Position
		rows = append(rows, row)
	}
	return rows, nil
}

type branch struct {
	event eventstore.Recorded
	depth int
}

// tree puts events (in the order of the log) under the events that caused them, depth first. An event whose cause isn't
// among them is a root.
func tree(events []eventstore.Recorded) []branch {
	present := map[uuid.UUID]bool{}
	for _, e := range events {
		present[e.ID] = true
	}
	under := map[uuid.UUID][]eventstore.Recorded{}
	for _, e := range events {
		cause := e.CausationID
		if !present[cause] || cause == e.ID {
			cause = uuid.Nil
		}
		under[cause] = append(under[cause], e)
	}
	var out []branch
	var grow func(cause uuid.UUID, depth int)
	grow = func(cause uuid.UUID, depth int) {
		for _, e := range under[cause] {
			out = append(out, branch{e, depth})
			grow(e.ID, depth+1)
		}
	}
	grow(uuid.Nil, 0)
	return out
}
