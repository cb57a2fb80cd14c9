package notify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// town is a program that sends mails, with the server that takes them and a clock of its own. Everybody's address is
// their id at example.org.
type town struct {
	*dispatchtest.Node
	server *server
	smtp   string // address of server
	mu     sync.Mutex
	now    time.Time
}

func newTown(t testing.TB, s *server) *town {
	t.Helper()
	v := &town{Node: dispatchtest.Start(t, dispatchtest.Options{}), server: s, now: dispatchtest.At(1, 0)}
	v.smtp = startServer(t, s)
	return v
}

func (v *town) clock() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// outbox is one node's, whose collecting runs; the test says when it sends.
func (v *town) outbox(node *dispatchtest.Node) *notify.Outbox {
	v.Helper()
	o := outboxOf(v, node.Pool, node.Store, v.smtp)
	o.Now = v.clock
	o.Interval = time.Hour // the first look finds nothing: what is sent, at sends
	node.Run(o.Run)
	return o
}

func outboxOf(t testing.TB, pool *pgxpool.Pool, store *eventstore.Store, address string) *notify.Outbox {
	t.Helper()
	mailer, err := notify.NewSMTP(notify.SMTPSettings{URL: "smtp://" + address, From: "Club <noreply@club.example>"})
	if err != nil {
		t.Fatal(err)
	}
	return &notify.Outbox{Pool: pool, Store: store, Post: notify.Post{Mailer: mailer}, BaseURL: "https://club.example",
		Address: func(_ context.Context, a uuid.UUID) (string, error) { return a.String() + "@example.org", nil },
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// at moves the clock, and sends what is due.
func (v *town) at(o *notify.Outbox, now time.Time) {
	v.Helper()
	if err := v.try(o, now); err != nil {
		v.Fatal(err)
	}
}

func (v *town) try(o *notify.Outbox, now time.Time) error {
	v.Helper()
	v.Catch(append(v.ReadModels(), notify.Name)...)
	v.mu.Lock()
	v.now = now
	v.mu.Unlock()
	return o.Once(v.Context())
}

// letters are the subjects of what an athlete was sent.
func (v *town) letters(to actor.Actor) []string {
	var out []string
	for _, m := range v.server.mails() {
		if m.to == to.AthleteID.String()+"@example.org" {
			out = append(out, strings.ReplaceAll(m.header(v).Get("Subject"), "\r\n", ""))
		}
	}
	return out
}

func (v *town) expect(what string, to actor.Actor, want ...string) {
	v.Helper()
	if diff := cmp.Diff(want, v.letters(to)); diff != "" {
		v.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// fates counts what became of the notices.
func (v *town) fates() map[string]int {
	v.Helper()
	rows, err := v.Pool.Query(v.Context(), `select kind || ' ' || state || ' ' || reason from notices`)
	if err != nil {
		v.Fatal(err)
	}
	counts := map[string]int{}
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			v.Fatal(err)
		}
		counts[strings.TrimSpace(s)]++
	}
	return counts
}

// race is a season of one stage that has begun, with athletes in it.
func (v *town) race(n int) (*dispatchtest.Season, []actor.Actor) { return v.raceFor(n, nil) }

// raceFor is race with other definitions.
func (v *town) raceFor(n int, change func(*challenges.Definition)) (*dispatchtest.Season, []actor.Actor) {
	v.Helper()
	s := v.upcoming(change)
	var all []actor.Actor
	for range n {
		all = append(all, v.Athlete(sport.Female))
	}
	s.Join(all...)
	s.Send(challenges.Start{Head: s.Head(actor.System, dispatchtest.At(2, 0))}) // and its stage with it
	return s, all
}

// upcoming is a season of one stage that begins on the 2nd.
func (v *town) upcoming(change func(*challenges.Definition)) *dispatchtest.Season {
	v.Helper()
	days := dispatchtest.Days(2, 31)
	s := v.Season(v.Athlete(sport.Female), func(d *challenges.Definition) {
		if d.Window = days; change != nil {
			change(d)
		}
	}, days)
	s.Host(dispatchtest.At(1, 1))
	return s
}

// effort is one that comes in at a moment.
func effort(s *dispatchtest.Season, a actor.Actor, seconds int, now time.Time) competitors.RecordEfforts {
	e := s.Effort(a, 0, 5, seconds)
	e.Head.Now = now
	return e
}

func TestLostPlaces(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	o := v.outbox(v.Node)
	s, a := v.race(5)
	ana, ben, cleo, dora := a[0], a[1], a[2], a[3]
	noon := dispatchtest.At(5, 12)
	at := func(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }
	v.at(o, noon) // what was told of the start is too old by now
	before := len(v.server.mails())

	s.Send(effort(s, ana, 600, at(-60)))
	s.Send(effort(s, dora, 605, at(-59)))
	s.Send(effort(s, ben, 590, at(0)))  // Ana loses the first place, Dora the second
	s.Send(effort(s, cleo, 580, at(9))) // Ana loses the second, Ben the first
	s.Send(effort(s, ben, 575, at(12))) // who wins it back
	v.at(o, at(14.9))
	if n := len(v.server.mails()) - before; n != 0 {
		t.Fatalf("%d mails before the quarter of an hour is over", n)
	}
	v.at(o, at(15))
	v.expect("Ana, in one mail", ana, "You were 1st on Stage 1, now you are 3rd")
	v.at(o, at(24))
	v.at(o, at(40))
	v.expect("Ana, no second mail", ana, "You were 1st on Stage 1, now you are 3rd")
	v.expect("Ben has won it back", ben)
	v.expect("Cleo lost it to him", cleo, "You were 1st on Stage 1, now you are 2nd")
	v.expect("Dora", dora, "You were 2nd on Stage 1, now you are 4th")
	if got := v.fates()["lost_place dropped no_longer_true"]; got != 1 {
		t.Errorf("%d dropped, want Ben's: %v", got, v.fates())
	}

	text := v.textTo(ana, "now you are 3rd")
	for _, want := range []string{"In Women: 1st before, 3rd now.", "In Open: 1st before, 3rd now.", "is 0:20 ahead of you with 9:40; your time is 10:00.",
		"The stage ends Sun 31 May, 23:59.", "https://club.example/challenges/may-", "You get this because you compete in May.",
		"No more mails of this kind: https://club.example/unsubscribe/"} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail lacks %q:\n%s", want, text)
		}
	}

	s.Send(effort(s, a[4], 570, at(60))) // a new loss is a new mail
	v.at(o, at(75))
	v.expect("Ana again", ana, "You were 1st on Stage 1, now you are 3rd", "You were 3rd on Stage 1, now you are 4th")
}

// textTo is the plain text of the mail to an athlete whose subject has the words.
func (v *town) textTo(to actor.Actor, words string) string {
	v.Helper()
	for _, m := range v.server.mails() {
		if m.to == to.AthleteID.String()+"@example.org" && strings.Contains(m.header(v).Get("Subject"), words) {
			return m.text(v)
		}
	}
	v.Fatalf("no mail with %q", words)
	return ""
}

// Only places in the points: of eleven who are overtaken at once, the first ten lose points.
func TestLostPlacesInThePoints(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	o := v.outbox(v.Node)
	s, a := v.race(13)
	v.at(o, dispatchtest.At(5, 12))
	for i, who := range a[:11] {
		s.Send(effort(s, who, 600+i, dispatchtest.At(5, 12)))
	}
	s.Send(effort(s, a[11], 605, dispatchtest.At(5, 13))) // level with the sixth: the five behind that lose a place
	v.at(o, dispatchtest.At(5, 14))
	for i, who := range a[:11] {
		var want []string
		if i >= 6 && i < 10 {
			want = append(want, fmt.Sprintf("You were %dth on Stage 1, now you are %s", i+1, []string{"8th", "9th", "10th", "11th"}[i-6]))
		}
		v.expect(fmt.Sprint("number ", i+1), who, want...)
	}
	if got := v.fates()["lost_place dropped scored_no_points"]; got != 1 {
		t.Errorf("%d scored no points, want the eleventh's: %v", got, v.fates())
	}
}

// How many places are in the points is the organiser's choice, for each category.
func TestLostPlacesByAnotherTable(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	o := v.outbox(v.Node)
	s, a := v.raceFor(4, func(d *challenges.Definition) {
		d.Scoring = leaderboards.Scheme{Classifications: []leaderboards.Classification{
			{Name: "Podium", By: leaderboards.ByPoints, Table: leaderboards.Points{3 * leaderboards.Whole, leaderboards.Whole}, Categories: []sport.Category{sport.Open}},
			{Name: "Time", By: leaderboards.ByTimes, Categories: []sport.Category{sport.Women, sport.Men}}}}
	})
	v.at(o, dispatchtest.At(5, 12))
	for i, who := range a {
		s.Send(effort(s, who, 600-i, dispatchtest.At(5, 12).Add(20*time.Minute*time.Duration(i)))) // each takes the lead
		v.at(o, dispatchtest.At(5, 12).Add(20*time.Minute*time.Duration(i)+15*time.Minute))
	}
	for i, want := range [][]string{{"You were 1st on Stage 1, now you are 2nd", "You were 2nd on Stage 1, now you are 3rd"},
		{"You were 1st on Stage 1, now you are 2nd", "You were 2nd on Stage 1, now you are 3rd"}, {"You were 1st on Stage 1, now you are 2nd"}, nil} {
		v.expect(fmt.Sprint("number ", i+1), a[i], want...)
	}
	if text := v.textTo(a[0], "now you are 2nd"); strings.Contains(text, "In Women") {
		t.Errorf("women's places score no points, and are told of:\n%s", text)
	}
}

func TestOrganisersAreReminded(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	o := v.outbox(v.Node)
	forgetful, quick := v.Athlete(sport.Male), v.Athlete(sport.Male)
	v.Season(forgetful, nil, dispatchtest.Days(2, 31))
	hosted := v.Season(quick, nil, dispatchtest.Days(1, 3), dispatchtest.Days(4, 31))
	v.at(o, dispatchtest.At(1, 0).Add(59*time.Minute))
	v.expect("within the hour", forgetful)
	hosted.Host(dispatchtest.At(1, 0).Add(time.Minute))
	v.at(o, dispatchtest.At(1, 1))
	v.expect("after an hour", forgetful, "May isn't open yet")
	v.expect("who has hosted", quick)

	v.Send(stages.End{Head: stages.Head{ID: hosted.Stages[0], By: actor.System, Now: dispatchtest.At(4, 0)}})
	v.at(o, dispatchtest.At(4, 0))
	v.expect("a stage has ended", quick, "Stage 1 has ended")
	text := v.textTo(quick, "has ended")
	for _, want := range []string{"0 athletes have a result", "approved by itself on", "/organise", "because you organise May"} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail lacks %q:\n%s", want, text)
		}
	}
}

func TestResultsArePublished(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	o := v.outbox(v.Node)
	s, a := v.race(3)
	v.at(o, dispatchtest.At(2, 0))
	s.Send(effort(s, a[0], 600, dispatchtest.At(5, 12)))
	s.Send(effort(s, a[1], 610, dispatchtest.At(5, 12)))
	head := stages.Head{ID: s.Stages[0], By: s.Organiser, Now: dispatchtest.At(31, 1)}
	v.Send(stages.End{Head: head})
	v.Send(stages.Approve{Head: head})
	v.Send(competitors.Leave{Head: s.Competitor(a[2], a[2], dispatchtest.At(31, 1))})
	v.Send(stages.Publish{Head: head, Message: "Well *ridden*. <script>alert(1)</script>"})
	v.at(o, dispatchtest.At(31, 1))
	v.expect("second", a[1], "Stage 1 has started", "The results of Stage 1")
	v.expect("who has left", a[2], "Stage 1 has started")
	v.expect("who organises", s.Organiser) // the stage was approved at once: nothing to do
}

func TestSwitchesAreHeeded(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	o := v.outbox(v.Node)
	s := v.upcoming(nil)
	wants, doesnt := v.Athlete(sport.Female), v.Athlete(sport.Female)
	s.Join(wants, doesnt)
	v.Send(athletes.ChooseNotifications{Head: athletes.Head{ID: doesnt.AthleteID, By: doesnt, Now: dispatchtest.At(1, 1)},
		Off: []athletes.Notification{athletes.StageStarted}})
	s.Send(challenges.Start{Head: s.Head(actor.System, dispatchtest.At(2, 0))})
	v.at(o, dispatchtest.At(2, 0))
	v.expect("wants", wants, "Stage 1 has started")
	v.expect("doesn't", doesnt)
	if got := v.fates()["stage_started dropped unwanted"]; got != 1 {
		t.Errorf("%d unwanted: %v", got, v.fates())
	}
}

// A server that is away is asked again; a mail that can't be sent within two hours isn't sent any more.
func TestServerIsAway(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	v := newTown(t, &server{taking: func(envelope) error {
		if away.Load() {
			return &smtp.SMTPError{Code: 451, Message: "try again later"}
		}
		return nil
	}})
	o := v.outbox(v.Node)
	away.Store(true)
	_, a := v.race(2)
	start := dispatchtest.At(2, 0)
	if err := v.try(o, start); err == nil || strings.Contains(err.Error(), a[0].AthleteID.String()) {
		t.Errorf("no error, or one with an address: %v", err)
	}
	if got, want := v.fates()["stage_started waiting mail server 127.0.0.1: closing SMTP DATA writer (code 451)"], 2; got != want {
		t.Errorf("%d wait, want %d: %v", got, want, v.fates())
	}
	away.Store(false)
	waiting, err := o.Entries(t.Context(), notify.List{State: "waiting", AthleteID: a[1].AthleteID})
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%+v, %v", waiting, err)
	}
	if tried, err := o.Retry(t.Context(), waiting[0].ID); err != nil || !tried {
		t.Errorf("trying again: %v, %v", tried, err)
	}
	v.at(o, start.Add(59*time.Second))
	v.expect("by hand", a[1], "Stage 1 has started")
	v.expect("before the pause is over", a[0])
	v.at(o, start.Add(time.Minute))
	v.expect("back again", a[0], "Stage 1 has started")
	v.expect("back again", a[1], "Stage 1 has started")

	away.Store(true)
	_, late := v.race(1)
	for minutes := range 120 {
		_ = v.try(o, start.Add(time.Duration(minutes)*time.Minute))
	}
	away.Store(false)
	v.at(o, start.Add(2*time.Hour+time.Second))
	v.expect("too late", late[0])
	if got := v.fates()["stage_started dropped too_old"]; got != 1 {
		t.Errorf("%d too old: %v", got, v.fates())
	}
}

// A recipient that doesn't exist holds nobody up and isn't tried again; somebody without an address is passed over.
func TestRecipientsThatCannotBeReached(t *testing.T) {
	t.Parallel()
	s := &server{}
	v := newTown(t, s)
	o := v.outbox(v.Node)
	_, a := v.race(8)
	s.refuse = a[0].AthleteID.String()
	address := o.Address
	o.Address = func(ctx context.Context, id uuid.UUID) (string, error) {
		if a[1].Is(id) {
			return "", nil
		}
		return address(ctx, id)
	}
	v.at(o, dispatchtest.At(2, 0))
	v.at(o, dispatchtest.At(2, 1))
	if diff := cmp.Diff(map[string]int{"stage_started sent": 6, "stage_started failed undelivered": 1, "stage_started dropped no_address": 1,
		"stage_started spread": 1, "host_challenge dropped too_old": 1}, v.fates()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	entries, err := o.Entries(t.Context(), notify.List{State: "failed"})
	if err != nil || len(entries) != 1 || *entries[0].AthleteID != a[0].AthleteID || entries[0].Reason != "undelivered" {
		t.Errorf("failed entries %+v, %v", entries, err)
	}
	newest, err := o.Entries(t.Context(), notify.List{Limit: 4})
	if err != nil || len(newest) != 4 {
		t.Fatalf("%d entries, %v", len(newest), err)
	}
	older, err := o.Entries(t.Context(), notify.List{Before: newest[3].HappenedAt, BeforeID: newest[3].ID})
	if err != nil || len(older) != 10-4 {
		t.Errorf("%d older entries, want 6, %v", len(older), err)
	}
	if counts, err := o.Counts(t.Context()); err != nil || counts["sent"] != 6 || counts["dropped"] != 2 {
		t.Errorf("counts %v, %v", counts, err)
	}

	s.refuse = "" // the address is there now
	for id, want := range map[uuid.UUID]bool{entries[0].ID: true, uuid.New(): false} {
		if tried, err := o.Retry(t.Context(), id); err != nil || tried != want {
			t.Errorf("trying again: %v, %v", tried, err)
		}
	}
	v.at(o, dispatchtest.At(2, 2))
	v.expect("tried again", a[0], "Stage 1 has started")
	for _, e := range newest { // settled, all of them
		if tried, err := o.Retry(t.Context(), e.ID); err != nil || tried {
			t.Errorf("%s is tried again: %v, %v", e.State, tried, err)
		}
	}
}

// Two nodes that send at the same time send each mail once.
func TestTwoNodesSendOnce(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	here, there := v.outbox(v.Node), v.outbox(v.Second())
	_, a := v.race(60)
	v.at(here, dispatchtest.At(1, 23)) // nothing is due; all has been noted
	v.mu.Lock()
	v.now = dispatchtest.At(2, 0)
	v.mu.Unlock()
	var both errgroup.Group
	both.Go(func() error { return here.Once(v.Context()) })
	both.Go(func() error { return there.Once(v.Context()) })
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, who := range a {
		v.expect("each", who, "Stage 1 has started")
	}
}

// A node that is killed while it sends leaves nothing unsent, and nothing to be sent twice.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	hold, held := make(chan struct{}), make(chan struct{}, 100)
	var taken, holding atomic.Int32
	s := &server{taking: func(envelope) error {
		if taken.Add(1) <= 8 {
			return nil
		}
		if holding.Add(1) <= 4 { // all that the first node has on their way
			held <- struct{}{}
			<-hold
			return &smtp.SMTPError{Code: 451, Message: "too late: the sender is gone"}
		}
		return nil
	}}
	v := newTown(t, s)
	o := v.outbox(v.Node)
	_, a := v.race(30)
	v.at(o, dispatchtest.At(1, 23)) // all has been noted
	child := startChild(t, v.Pool, v.smtp, dispatchtest.At(2, 0))
	for range 4 {
		<-held
	}
	child.Kill()
	close(hold)

	v.at(o, dispatchtest.At(2, 0).Add(59*time.Second))
	claimed := 0
	for _, who := range a {
		claimed += 1 - len(v.letters(who))
	}
	if claimed != 4 {
		t.Errorf("%d mails wait for the claims of the dead to run out, want 4", claimed)
	}
	v.at(o, dispatchtest.At(2, 0).Add(time.Minute))
	ids := map[string]bool{}
	for _, who := range a {
		v.expect("each", who, "Stage 1 has started")
	}
	for _, m := range s.mails() {
		ids[m.header(t).Get("Message-Id")] = true
	}
	if len(ids) != 30 {
		t.Errorf("%d message ids of 30 mails", len(ids))
	}
}

// One click in the mail program stops mails of a kind (RFC 8058).
func TestUnsubscribeHeaders(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	o := v.outbox(v.Node)
	_, a := v.race(1)
	v.at(o, dispatchtest.At(2, 0))
	mail := v.server.mails()[0]
	header := mail.header(t)
	if got := header.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post: %q", got)
	}
	address, ok := strings.CutPrefix(header.Get("List-Unsubscribe"), "<https://club.example/unsubscribe/")
	token, ok2 := strings.CutSuffix(address, ">")
	athlete, kind, err := notify.Unsubscriber{Pool: v.Pool}.Parse(t.Context(), token)
	if !ok || !ok2 || err != nil || athlete != a[0].AthleteID || kind != athletes.StageStarted {
		t.Errorf("List-Unsubscribe %q is of %v, %v, %v", header.Get("List-Unsubscribe"), athlete, kind, err)
	}
	if text := mail.text(t); !strings.Contains(text, token) {
		t.Errorf("the text lacks the link:\n%s", text)
	}
}

func TestUnsubscribeTokens(t *testing.T) {
	t.Parallel()
	u := notify.Unsubscriber{Pool: postgrestest.New(t)}
	who := uuid.New()
	token, err := u.Token(t.Context(), who, athletes.LostPlace)
	if err != nil {
		t.Fatal(err)
	}
	other, err := u.Token(t.Context(), who, athletes.StageStarted)
	if err != nil || other == token {
		t.Fatalf("one token for two kinds, %v", err)
	}
	if athlete, kind, err := u.Parse(t.Context(), token); err != nil || athlete != who || kind != athletes.LostPlace {
		t.Errorf("%v %v %v", athlete, kind, err)
	}
	for i := range token {
		changed := []byte(token)
		changed[i] ^= 1
		for _, bad := range []string{string(changed), token[:i], token + token[:i+1]} {
			if athlete, kind, err := u.Parse(t.Context(), bad); !errors.Is(err, notify.ErrUnsubscribe) && (athlete != who || kind != athletes.LostPlace) {
				t.Errorf("%q: %v %v %v", bad, athlete, kind, err)
			}
		}
	}
	foreign := notify.Unsubscriber{Pool: postgrestest.New(t)}
	if _, _, err := foreign.Parse(t.Context(), token); !errors.Is(err, notify.ErrUnsubscribe) {
		t.Errorf("another site takes the token: %v", err)
	}
}

// Where no mail server is set up, what athletes are told is to be seen in the development mailbox; a mail that is sent again
// is there once.
func TestNoticesInTheMailbox(t *testing.T) {
	t.Parallel()
	v := newTown(t, &server{})
	o := v.outbox(v.Node)
	box := notify.Mailbox{Pool: v.Pool}
	o.Post.Mailer = twice{box}
	s, a := v.race(2)
	v.at(o, dispatchtest.At(5, 11))
	s.Send(effort(s, a[0], 600, dispatchtest.At(5, 11)))
	s.Send(effort(s, a[1], 590, dispatchtest.At(5, 12)))
	v.at(o, dispatchtest.At(5, 13))
	mails, err := box.Mails(t.Context(), a[0].AthleteID.String()+"@example.org", 10)
	if err != nil || len(mails) != 1 || mails[0].Subject != "You were 1st on Stage 1, now you are 2nd" {
		t.Fatalf("%+v, %v", mails, err)
	}
	for _, want := range []string{"In Women: 1st before, 2nd now.", `href="https://club.example/unsubscribe/`, `href="https://club.example/settings#mails"`} {
		if !strings.Contains(mails[0].HTML, want) {
			t.Errorf("the HTML lacks %q:\n%s", want, mails[0].HTML)
		}
	}
	if folder := os.Getenv("SC_SCREENSHOTS"); folder != "" {
		_ = os.WriteFile(filepath.Join(folder, "mail.html"), []byte(mails[0].HTML), 0o600)
	}
}

// twice sends each mail again, as after a crash between the server's yes and our note of it.
type twice struct{ notify.Mailer }

func (m twice) Send(ctx context.Context, mail notify.Mail) error {
	return errors.Join(m.Mailer.Send(ctx, mail), m.Mailer.Send(ctx, mail))
}
