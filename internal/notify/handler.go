package notify

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// MailboxPath is where the development mailbox is shown.
const MailboxPath = "/dev/mailbox"

// Handler serves the mailbox at MailboxPath (with ?to=ADDRESS for one person's) and each mail's HTML below it. Mount it
// only where MailboxAllowed. head gives the page's head for who is looking; nil: a visitor's.
func (m Mailbox) Handler(head func(*http.Request) layout.Page) http.Handler {
	if head == nil {
		head = func(*http.Request) layout.Page { return layout.Page{} }
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+MailboxPath, func(w http.ResponseWriter, r *http.Request) { m.list(w, r, head(r)) })
	mux.HandleFunc("GET "+MailboxPath+"/{id}", m.html)
	return mux
}

func (m Mailbox) list(w http.ResponseWriter, r *http.Request, page layout.Page) {
	mails, err := m.Mails(r.Context(), r.URL.Query().Get("to"), 50)
	if err != nil {
		unavailable(w, r, err)
		return
	}
	view := pages.MailboxView{Now: time.Now()}
	for _, k := range mails {
		view.Mails = append(view.Mails, pages.MailView{ID: k.ID.String(), To: k.Recipient, Subject: k.Subject, Text: k.Plain,
			HTMLURL: MailboxPath + "/" + k.ID.String(), SentAt: k.SentAt})
	}
	page.Title, page.NoIndex = "Development mailbox", true
	w.Header().Set("Cache-Control", "no-store")
	templ.Handler(pages.Mailbox(page, view)).ServeHTTP(w, r)
}

// html shows a mail as a mail program would: in a page that may do nothing but be styled and be left by a link.
func (m Mailbox) html(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		http.Error(w, "There is no such mail.", http.StatusNotFound)
		return
	}
	mail, ok, err := m.Mail(r.Context(), id)
	switch {
	case err != nil:
		unavailable(w, r, err)
	case !ok:
		http.Error(w, "There is no such mail.", http.StatusNotFound)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; sandbox allow-top-navigation-by-user-activation")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(mail.HTML)) // the reader may be gone
	}
}

func unavailable(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "development mailbox", "error", err)
	http.Error(w, "The mailbox can't be read just now.", http.StatusInternalServerError)
}
