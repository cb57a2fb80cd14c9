package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"segmentchallenge/internal/web/webtest"
)

// contract lists the addresses that programs rely on.
const contract = `
GET    /me
PATCH  /me
GET    /clubs
POST   /clubs
GET    /clubs/{id}
GET    /clubs/{id}/members
POST   /clubs/{id}/members
PATCH  /clubs/{id}
POST   /clubs/{id}/members/{athleteId}/accept
POST   /clubs/{id}/members/{athleteId}/decline
POST   /clubs/{id}/members/{athleteId}/remove
POST   /clubs/{id}/members/{athleteId}/appoint
POST   /clubs/{id}/members/{athleteId}/dismiss
GET    /segments
POST   /segments
GET    /segments/{id}
GET    /challenges
POST   /challenges
GET    /challenges/{slug}
PATCH  /challenges/{slug}
GET    /challenges/{slug}/stages
POST   /challenges/{slug}/stages
GET    /challenges/{slug}/stages/{stage}
PATCH  /challenges/{slug}/stages/{stage}
DELETE /challenges/{slug}/stages/{stage}
POST   /challenges/{slug}/host
POST   /challenges/{slug}/start
POST   /challenges/{slug}/end
POST   /challenges/{slug}/cancel
POST   /challenges/{slug}/join
POST   /challenges/{slug}/leave
POST   /challenges/{slug}/approve
POST   /challenges/{slug}/publish
POST   /challenges/{slug}/stages/{stage}/reveal
POST   /challenges/{slug}/stages/{stage}/start
POST   /challenges/{slug}/stages/{stage}/end
POST   /challenges/{slug}/stages/{stage}/approve
POST   /challenges/{slug}/stages/{stage}/publish
GET    /challenges/{slug}/competitors
POST   /challenges/{slug}/competitors/{athleteId}/exclude
POST   /challenges/{slug}/competitors/{athleteId}/limit
POST   /challenges/{slug}/competitors/{athleteId}/allow
GET    /challenges/{slug}/stages/{stage}/efforts
POST   /challenges/{slug}/stages/{stage}/efforts
POST   /challenges/{slug}/stages/{stage}/efforts/{id}/flag
GET    /challenges/{slug}/stages/{stage}/leaderboards
GET    /challenges/{slug}/stages/{stage}/leaderboards/{category}
GET    /challenges/{slug}/leaderboards
GET    /challenges/{slug}/leaderboards/{category}
GET    /challenges/{slug}/leaderboards/{category}/{classification}
POST   /challenges/{slug}/competitors/{athleteId}/adjust-points
GET    /challenges/{slug}/scoring
PUT    /challenges/{slug}/scoring
GET    /challenges/{slug}/feed
GET    /challenges/{slug}/stages/{stage}/feed
GET    /activities
POST   /activities
GET    /activities/{id}
PATCH  /activities/{id}
DELETE /activities/{id}
GET    /athletes/{id}
GET    /athletes/{id}/feed
GET    /athletes/{id}/trophies
GET    /me/export
DELETE /me
`

// The document that the site serves names every address of the contract, and nothing in it leads nowhere.
func TestDocument(t *testing.T) {
	s := start(t)
	a := client{Site: s}.get("/openapi.json").is(200)
	if kind := a.Header.Get("Content-Type"); !strings.Contains(kind, "json") {
		t.Errorf("the document is of type %s", kind)
	}
	if err := json.Unmarshal([]byte(a.Raw), &a.JSON); err != nil {
		t.Fatal(err)
	}
	a.has("openapi", "3.1.0", "info.title", "Segment Challenge", "servers.0.url", "/api/v1", "components.securitySchemes.token.scheme", "bearer")
	paths, _ := a.field("paths").(map[string]any)
	var got []string
	ids := map[string]string{}
	for path, item := range paths {
		for method, op := range item.(map[string]any) {
			call := fmt.Sprintf("%-6s %s", strings.ToUpper(method), path)
			got = append(got, call)
			checkOperation(t, call, path, op.(map[string]any), ids)
		}
	}
	for line := range strings.Lines(strings.TrimSpace(contract)) {
		if !slices.Contains(got, strings.TrimSpace(line)) {
			t.Errorf("the document has no %s", line)
		}
	}
	checkReferences(t, a, a.JSON, "#")
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

func checkOperation(t *testing.T, call, path string, op map[string]any, ids map[string]string) {
	t.Helper()
	id, _ := op["operationId"].(string)
	if other, twice := ids[id]; twice || id == "" {
		t.Errorf("%s: operationId %q, also of %s", call, id, other)
	}
	ids[id] = call
	if op["summary"] == "" || op["tags"] == nil {
		t.Errorf("%s: no summary or tag", call)
	}
	declared := map[string]bool{}
	params, _ := op["parameters"].([]any)
	for _, p := range params {
		p := p.(map[string]any)
		declared[p["in"].(string)+" "+p["name"].(string)] = true
		if p["schema"] == nil {
			t.Errorf("%s: parameter %v has no schema", call, p["name"])
		}
	}
	for _, name := range placeholder.FindAllStringSubmatch(path, -1) {
		if !declared["path "+name[1]] {
			t.Errorf("%s: %s isn't declared", call, name[0])
		}
	}
	writes := !strings.HasPrefix(call, "GET")
	if strings.HasPrefix(call, "POST") && !declared["header Idempotency-Key"] {
		t.Errorf("%s: no Idempotency-Key", call)
	}
	if security := fmt.Sprint(op["security"]); writes != (security == "[map[token:[]]]") && !strings.HasPrefix(path, "/me") && path != "/activities" {
		t.Errorf("%s: security %s", call, security)
	}
	responses := op["responses"].(map[string]any)
	for status, r := range responses {
		content, _ := r.(map[string]any)["content"].(map[string]any)
		want := "application/json"
		if status >= "400" {
			want = "application/problem+json"
		} else if path == "/me/export" {
			want = "application/zip"
		}
		if status != "204" && content[want] == nil {
			t.Errorf("%s: %s is %v", call, status, slices.Sorted(maps.Keys(content)))
		}
	}
}

// checkReferences follows every $ref.
func checkReferences(t *testing.T, a answer, v any, at string) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			if !strings.HasPrefix(ref, "#/") || a.field(strings.ReplaceAll(ref[2:], "/", ".")) == nil {
				t.Errorf("%s leads to %s, which isn't there", at, ref)
			}
		}
		for k, in := range v {
			checkReferences(t, a, in, at+"/"+k)
		}
	case []any:
		for i, in := range v {
			checkReferences(t, a, in, fmt.Sprintf("%s/%d", at, i))
		}
	}
}

// Pages one after the other hold what one long page holds.
func TestPages(t *testing.T) {
	s := start(t)
	v := s.Season()
	ana := as(s, v.Ana)
	for _, name := range []string{"Alpe", "Berg", "Cima", "Dune", "Étang"} {
		s.Club(v.Organiser, name)
		s.Challenge(v.Organiser, name, nil)
		s.Segment(v.Organiser, name, webtest.Hill(len(name)))
	}
	org := as(s, v.Organiser)
	at := "/challenges/" + v.Challenge.Slug
	stage := at + "/stages/" + v.Active.Slug
	for path, key := range map[string]string{"/clubs?": "id", "/challenges?": "id", "/segments?": "id", at + "/competitors?": "athleteId", at + "/feed?": "position",
		stage + "/feed?": "position", stage + "/efforts?": "id", "/athletes/" + v.Ana.ID.String() + "/feed?": "position", "/clubs/" + v.Club.ID.String() + "/members?": "athleteId"} {
		same(t, org, path, key, "items")
	}
	same(t, ana, "/activities?", "id", "items")
	same(t, ana, stage+"/leaderboards/Open?", "athleteId", "entries")
}

func same(t *testing.T, c client, path, key, list string) {
	t.Helper()
	ids := func(a answer) (out []string) {
		for i := range a.list(list) {
			out = append(out, fmt.Sprint(a.field(fmt.Sprintf("%s.%d.%s", list, i, key))))
		}
		return out
	}
	whole := c.get(path+"limit=1000").is(200).has("nextCursor", nil)
	want := ids(whole)
	if len(want) < 2 {
		t.Errorf("%s: too little to page: %v", path, want)
	}
	var got []string
	for cursor, pages := "", 0; pages < 100; pages++ {
		a := c.get(path + "limit=1&cursor=" + cursor).is(200)
		if n := len(a.list(list)); n > 1 {
			t.Fatalf("%s: a page of one has %d", path, n)
		}
		got = append(got, ids(a)...)
		if cursor = a.text("nextCursor"); cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: page by page %v, at once %v", path, got, want)
	}
}

// HEAD is GET without its body.
func TestHead(t *testing.T) {
	s := start(t)
	v := s.Season()
	a := client{Site: s}.json("HEAD", "/challenges/"+v.Challenge.Slug, "")
	if a.Status != 200 || a.Raw != "" {
		t.Errorf("HEAD: %d %q", a.Status, a.Raw)
	}
}
