package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// adminCommandsPage is the audit.
func (s *Server) adminCommandsPage(w http.ResponseWriter, r *http.Request) error {
	params := r.URL.Query()
	v := pages.AdminCommandsView{Actor: strings.TrimSpace(params.Get("actor")), Correlation: strings.TrimSpace(params.Get("correlation")),
		People: params.Get("people") != "", Outcomes: outcomeOptions(params.Get("outcome"))}
	page, status := pagerOf(r), http.StatusOK
	q, err := auditQueryOf(v, params.Get("outcome"), page.cursor)
	if said, ok := problemsOf(err); ok {
		v.CorrelationError, v.Errors, status = said["correlation"], said.summary("correlation"), http.StatusUnprocessableEntity
	} else if err := s.findCommands(r, q, page, &v); err != nil {
		return err
	}
	return s.showAdmin(w, r, status, "Commands", func(p layout.Page) templ.Component { return pages.AdminCommands(p, v) })
}

func outcomeOptions(selected string) []ui.Option {
	options := []ui.Option{{Label: "Any"}, {Value: "troubles", Label: "Troubles", Selected: selected == "troubles"}}
	for _, o := range audit.Outcomes {
		options = append(options, ui.Option{Value: string(o), Label: outcomeWords(o), Selected: string(o) == selected})
	}
	return options
}

func outcomeWords(o audit.Outcome) string { return strings.ReplaceAll(string(o), "_", " ") }

func auditQueryOf(v pages.AdminCommandsView, outcome, cursor string) (audit.Query, error) {
	q := audit.Query{Actor: v.Actor, People: v.People}
	switch {
	case outcome == "troubles":
		q.Outcomes = audit.Troubles
	case slices.Contains(audit.Outcomes, audit.Outcome(outcome)):
		q.Outcomes = []audit.Outcome{audit.Outcome(outcome)}
	}
	if cursor != "" {
		before, err := uuid.Parse(cursor)
		if err != nil {
			return q, refusal.Field("cursor", "cursor_invalid", "This page mark can't be read. Start again from the first page.")
		}
		q.Before = before
	}
	if v.Correlation != "" {
		chain, err := uuid.Parse(v.Correlation)
		if err != nil {
			return q, errNoChain
		}
		q.Correlation = chain
	}
	return q, nil
}

func (s *Server) findCommands(r *http.Request, q audit.Query, page pager, v *pages.AdminCommandsView) error {
	found, err := audit.List(r.Context(), s.Pool, q)
	if err != nil {
		return err
	}
	zone, err := s.zoneOfViewer(r)
	if err != nil {
		return err
	}
	for _, e := range found.Items {
		v.Commands = append(v.Commands, commandRow(e, zone))
	}
	next := ""
	if found.Next != uuid.Nil {
		next = found.Next.String()
	}
	v.Pages = page.view(next)
	return nil
}

func commandRow(e audit.Entry, zone *time.Location) pages.AdminCommand {
	row := pages.AdminCommand{ID: e.ID.String(), Type: e.Type, Target: orNone(e.Target), Actor: e.Actor, When: e.At.In(zone).Format("2 Jan 2006, 15:04:05.000"),
		Machine: format.Machine(e.At), Took: fmt.Sprintf("%.1f ms", float64(e.Took.Microseconds())/1000), Outcome: outcomeWords(e.Outcome), Detail: e.Detail,
		Tone: ui.Bad, Fields: indented(e.Fields)}
	switch e.Outcome {
	case audit.Done:
		row.Tone = ui.Good
	case audit.Refused, audit.Invalid:
		row.Tone = ui.Warn
	case audit.Unregistered, audit.Conflicted, audit.Panicked, audit.TimedOut, audit.Failed:
	}
	if row.Fields == "{}" {
		row.Fields = ""
	}
	if e.Last > 0 {
		row.Events, row.EventsURL = "event "+strconv.FormatInt(e.First, 10), fmt.Sprint("/admin/events/", e.First)
		if e.Last > e.First {
			row.Events = "events " + strconv.FormatInt(e.First, 10) + "–" + strconv.FormatInt(e.Last, 10)
		}
	}
	if e.CorrelationID != uuid.Nil {
		row.ChainURL = "/admin/commands?correlation=" + e.CorrelationID.String()
	}
	return row
}
