package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/notices"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// mailsPerPage is how much of the outbox is on a page.
const mailsPerPage = 50

var (
	errNoMail      = refusal.Of(refusal.NotFound, "mail_not_found", "There is no such mail in the outbox.")
	errMailsCursor = refusal.Field("cursor", "cursor_invalid", "This page mark can't be read. Start again from the first page.")
)

// mailStates are those that an entry can be in, in words.
var mailStates = []struct {
	name, label string
	tone        ui.Tone
}{
	{"waiting", "Waiting", ui.Plain}, {"failed", "Failed", ui.Bad}, {"sent", "Sent", ui.Good}, {"dropped", "Not sent", ui.Plain},
	{"spread", "Made one for each", ui.Plain},
}

// mailSubjects say what an entry tells. Addresses and words aren't kept, so there is nothing more of it to be seen.
var mailSubjects = map[athletes.Notification]string{athletes.LostPlace: "Lost a place", athletes.StageStarted: "A stage has started",
	athletes.ResultsPublished: "Results are published", athletes.ApproveStage: "A stage waits for approval", athletes.HostChallenge: "A challenge isn't hosted yet"}

var mailReasons = map[notices.Why]string{notices.TooOld: "More than two hours late: it would have said nothing new.", notices.Unwanted: "The athlete has switched this kind off.",
	notices.NotTrue: "It wasn't true any more.", notices.NoPoints: "The place lost wasn't in the points.", notices.NotIn: "The athlete isn't in the challenge any more.",
	notices.NoAddress: "The athlete has no address.", notices.Gone: "What it was about isn't there any more.", notices.Undelivered: "The mail server refused it for good; its log says why."}

// outbox is for looking at it and trying again: sending is for the worker.
func (s *Server) outbox() *notify.Outbox { return &notify.Outbox{Pool: s.Pool} }

func (s *Server) adminMailsPage(w http.ResponseWriter, r *http.Request) error {
	page, state := pagerOf(r), r.URL.Query().Get("state")
	l := notify.List{State: state, Limit: mailsPerPage + 1}
	if err := mailsBefore(page.cursor, &l); err != nil {
		return err
	}
	entries, err := s.outbox().Entries(r.Context(), l)
	if err != nil {
		return err
	}
	next := ""
	if len(entries) > mailsPerPage {
		entries = entries[:mailsPerPage]
		last := entries[mailsPerPage-1]
		next = strconv.FormatInt(last.HappenedAt.UnixMicro(), 10) + "_" + last.ID.String()
	}
	counts, err := s.outbox().Counts(r.Context())
	if err != nil {
		return err
	}
	v := pages.AdminMailsView{Tabs: mailTabs(counts, state), Pages: page.view(next)}
	if v.Mails, err = s.mailRows(r, entries); err != nil {
		return err
	}
	return s.showAdmin(w, r, http.StatusOK, "Mails", func(p layout.Page) templ.Component { return pages.AdminMails(p, v) })
}

// mailsBefore reads the mark of a page: the moment and the id of the last entry of the one before.
func mailsBefore(cursor string, l *notify.List) error {
	if cursor == "" {
		return nil
	}
	at, id, _ := strings.Cut(cursor, "_")
	micro, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return errMailsCursor
	}
	if l.BeforeID, err = uuid.Parse(id); err != nil {
		return errMailsCursor
	}
	l.Before = time.UnixMicro(micro)
	return nil
}

func mailTabs(counts map[string]int, state string) []ui.Tab {
	total := 0
	for _, n := range counts {
		total += n
	}
	tabs := []ui.Tab{{Label: "All", URL: "/admin/mails", Count: format.Number(total), Current: state == ""}}
	for _, s := range mailStates {
		tabs = append(tabs, ui.Tab{Label: s.label, URL: "/admin/mails?state=" + s.name, Count: format.Number(counts[s.name]), Current: state == s.name})
	}
	return tabs
}

func (s *Server) mailRows(r *http.Request, entries []notify.Entry) ([]pages.AdminMail, error) {
	var to, about []uuid.UUID
	for _, e := range entries {
		about = append(about, e.ChallengeID)
		if e.AthleteID != nil {
			to = append(to, *e.AthleteID)
		}
	}
	people, err := readmodel.People(r.Context(), s.Pool, to)
	if err != nil {
		return nil, err
	}
	challenges, err := readmodel.ChallengeNames(r.Context(), s.Pool, about)
	if err != nil {
		return nil, err
	}
	zone, err := s.zoneOfViewer(r)
	if err != nil {
		return nil, err
	}
	var out []pages.AdminMail
	for _, e := range entries {
		row := mailRow(e, zone)
		if c, known := challenges[e.ChallengeID]; known {
			row.Challenge, row.ChallengeURL = c.Name, "/challenges/"+c.Slug
		}
		if e.AthleteID != nil {
			person := people[*e.AthleteID]
			row.To, row.ToURL = nameOr(person.Name), profileURL(*e.AthleteID, person.Deleted)
		}
		out = append(out, row)
	}
	return out, nil
}

func mailRow(e notify.Entry, zone *time.Location) pages.AdminMail {
	row := pages.AdminMail{ID: e.ID.String(), Subject: mailSubjects[e.Kind], Due: e.DueAt.In(zone).Format("2 Jan 2006, 15:04:05"), Machine: format.Machine(e.DueAt),
		State: e.State, Reason: e.Reason}
	if words, known := mailReasons[notices.Why(e.Reason)]; known {
		row.Reason = words
	}
	switch e.Audience {
	case notices.ToOrganiser:
		row.To = "The organisers"
	case notices.ToCompetitors:
		row.To = "All competitors"
	case notices.ToAthlete:
	}
	for _, s := range mailStates {
		if s.name == e.State {
			row.State, row.Tone = s.label, s.tone
		}
	}
	if e.Attempts > 1 {
		row.Attempts = "tried " + format.Count(e.Attempts, "time", "times")
	}
	again := e.State == "waiting" && e.Attempts > 0 && e.Reason != ""
	if again {
		row.Attempts = "tried " + format.Count(e.Attempts, "time", "times") + ", again at " + e.NextAt.In(zone).Format("15:04:05")
	}
	if (again || e.State == "failed") && now().Sub(e.DueAt) < notices.Oldest {
		row.RetryURL = "/admin/mails/" + row.ID + "/retry"
	}
	return row
}

func (s *Server) retryMail(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, errNoMail)
	if err != nil {
		return err
	}
	tried, err := s.outbox().Retry(r.Context(), id)
	if err != nil {
		return err
	}
	sentence := "It is tried again in a moment. Reload to see how it went."
	if !tried {
		sentence = "There is nothing to try: it is settled, not due yet, or on its way."
	}
	return s.done(w, r, "/admin/mails", sentence)
}
