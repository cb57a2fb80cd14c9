package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/webtest"
)

// picky is a mail server that takes no mail for Bram, while it is closed.
type picky struct {
	notify.Mailbox
	closed *atomic.Bool
}

func (m picky) Send(ctx context.Context, mail notify.Mail) error {
	if m.closed.Load() && strings.HasPrefix(mail.To, "bram-") {
		return &notify.RefusedError{Code: 550}
	}
	return m.Mailbox.Send(ctx, mail)
}

func TestAdministratorsSeeTheOutbox(t *testing.T) {
	t.Parallel()
	var outbox *notify.Outbox
	var closed atomic.Bool
	closed.Store(true)
	s := webtest.Start(t, webtest.Options{
		Web: func(s *webtest.Site, _ *web.Options) {
			outbox = &notify.Outbox{Store: s.Store, Pool: s.Pool, Post: notify.Post{Mailer: picky{s.Mailbox, &closed}}, BaseURL: s.URL,
				Address: s.Accounts.EmailOf, Interval: time.Hour} // the test says when mails are sent
		},
		Workers: []func(context.Context) error{func(ctx context.Context) error { return outbox.Run(ctx) }},
	})
	v := s.Season()
	send := func() {
		t.Helper()
		s.Settled() // letters are made of what can be read
		head, err := s.Store.Head(t.Context())
		if err == nil {
			err = s.Store.WaitFor(t.Context(), head, notify.Name)
		}
		if err == nil {
			err = outbox.Once(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	send()
	admin := s.SignIn(s.Admin(v.Ana))
	page := reads(t, admin, "/admin/mails", "A stage has started", "Five Hills", "All competitors", "Ana de Smet", "Sent", "Failed", "refused it for good")
	if strings.Contains(page.Body, "@") || strings.Contains(page.Body, "unsubscribe/") {
		t.Error("the page tells an address, or a link that isn't the reader's")
	}
	failed := reads(t, admin, "/admin/mails?state=failed", "Bram Claes", "Try again", "not Dirk Aerts")
	retry := actionOn(t, failed, "/retry")
	closed.Store(false)
	leads(t, admin, retry, nil, "/admin/mails", "It is tried again in a moment")
	send()
	reads(t, admin, "/admin/mails?state=failed", "No mail of this kind")
	reads(t, admin, "/admin/mails?state=sent", "Bram Claes")
	leads(t, admin, retry, nil, "/admin/mails", "There is nothing to try")
	if mails, err := s.Mailbox.Mails(t.Context(), v.Bram.Email, 10); err != nil || len(mails) == 0 {
		t.Errorf("%d mails have come, %v", len(mails), err)
	}

	refuses(t, admin, "/admin/mails/x/retry", nil, http.StatusNotFound)
	leads(t, admin, "/admin/mails/"+uuid.NewString()+"/retry", nil, "/admin/mails", "There is nothing to try")
	refuses(t, s.SignIn(v.Dirk), retry, url.Values{}, http.StatusForbidden, "administrators of the site")
	for _, cursor := range []string{"x", "1_x", "x_" + uuid.NewString()} {
		if got := admin.Get("/admin/mails?cursor=" + cursor); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("cursor %q: %d", cursor, got.Status)
		}
	}
	reads(t, admin, "/admin/mails?cursor=1_"+uuid.NewString(), "No mail of this kind")
	reads(t, admin, "/admin/mails?state=nonsense", "No mail of this kind")
}

// actionOn is the address of the first form of a page that ends in some words.
func actionOn(t *testing.T, page webtest.Page, suffix string) string {
	t.Helper()
	for _, piece := range strings.Split(page.Body, `action="`)[1:] {
		if action, _, _ := strings.Cut(piece, `"`); strings.HasSuffix(action, suffix) {
			return action
		}
	}
	t.Fatalf("no form is sent to …%s", suffix)
	return ""
}
