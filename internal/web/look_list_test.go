package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/drafts"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/webtest"
)

// notPages are addresses that answer something else than a page, or that only somebody on the way in sees, by why they
// aren't in the lists below.
var notPages = map[string]string{
	"/register":              "cmd/web looks at it, in the journey of somebody on the way in",
	"/sign-in/link":          "cmd/web looks at it, in the journey of somebody on the way in",
	"/upload/{id}":           "a piece of the page of uploads",
	"/settings/export":       "a zip",
	"/avatars/{hash}/{edge}": "an image",
}

// everyPageIsLookedAt fails for pages that are in none of the lists: what nobody looks at gets ugly, and shuts people out.
func everyPageIsLookedAt(t *testing.T, s *webtest.Site, v webtest.Season) {
	t.Helper()
	routes, ok := web.RoutesOf(s.Web).(chi.Routes)
	if !ok {
		t.Fatal("the site has no routes")
	}
	visitor, member := pagesOf(v)
	visitor["unsubscribe"], visitor["sign-in"] = notify.UnsubscribePath+"token", "/sign-in"
	looked := map[string]bool{}
	for _, list := range []map[string]string{visitor, member, athleteForms(v), organiserForms(v, "draft", "over"), hostingPages("draft", "stage"), adminPages()} {
		for name, path := range list {
			found := chi.NewRouteContext()
			path, _, _ = strings.Cut(path, "#")
			path, _, _ = strings.Cut(path, "?")
			if !routes.Match(found, http.MethodGet, path) {
				t.Errorf("%s: there is no page at %s", name, path)
			}
			looked[found.RoutePattern()] = true
		}
	}
	err := chi.Walk(routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		file := route[strings.LastIndex(route, "/")+1:]
		if method == http.MethodGet && !strings.ContainsAny(file, "*.") && !looked[route] && notPages[route] == "" {
			t.Errorf("nobody looks at %s: add it to a list, or say why it is no page", route)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// hostingPages are the steps of a draft.
func hostingPages(draft, stage string) map[string]string {
	at := "/host/" + draft + "/"
	out := map[string]string{"host": "/host", "host-pick": at + "stages/new", "host-stage": at + "stages/" + stage + "/edit"}
	for _, step := range []string{"kind", "rules", "stages", "scoring", "joining", "review"} {
		out["host-"+step] = at + step
	}
	return out
}

// adminPages are those of administrators.
func adminPages() map[string]string {
	return map[string]string{"admin": "/admin", "admin-events": "/admin/events", "admin-event": "/admin/events/3", "admin-commands": "/admin/commands",
		"admin-subscriptions": "/admin/subscriptions", "admin-parked": "/admin/parked", "admin-athletes": "/admin/athletes", "admin-clubs": "/admin/clubs", "admin-mails": "/admin/mails"}
}

// longDraft is a half made challenge with a long name, and a stage with something wrong.
func longDraft(t *testing.T, s *webtest.Site, v webtest.Season) (draft, stage string) {
	t.Helper()
	window := webtest.Days(5, 20)
	d := drafts.Draft{ID: uuid.New(), AthleteID: v.Organiser.ID, Fields: url.Values{"type": {"segment"}, "categories": {"Open", "Women"},
		"name": {"The Grand Extraordinary Winter Mountain Championship of the Hillsandvalleysassociation"}, "startLocal": {minute(window.Start)},
		"endLocal": {minute(window.End)}, "timeZone": {"Europe/Brussels"}}}
	stage = uuid.NewString()
	d.Stages = []url.Values{{"id": {stage}, "segmentId": {v.Segments[0].ID.String()}, "name": {"Heideheuvel"}, "type": {"flat"},
		"startLocal": {minute(window.Start)}, "endLocal": {minute(webtest.Days(5, 6).End)}}}
	if err := drafts.Save(t.Context(), s.Pool, d); err != nil {
		t.Fatal(err)
	}
	return d.ID.String(), stage
}
