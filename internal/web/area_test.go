package web_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"segmentchallenge/internal/web/browsertest"
)

// TestSegmentsAreFoundByWhereTheyAre goes about the map by its links, as one does without script.
func TestSegmentsAreFoundByWhereTheyAre(t *testing.T) {
	t.Parallel()
	s := startSeason(t) // Heideheuvel lies at 50.80, Kattenberg at 50.85, the mystery at 50.90, Ring of Bree at 50.95 north
	visitor := s.Visitor()
	page := reads(t, visitor, "/segments", "Heideheuvel", "Kattenberg", "Ring of Bree", "not Geheime Muur")
	if !strings.Contains(strings.ReplaceAll(page.Body, "\u00a0", " "), `aria-label="Map of 3 segments. They are listed below."`) {
		t.Errorf("there is no map of the three: %v", regexp.MustCompile(`aria-label="Map of[^"]*"`).FindString(page.Body))
	}
	if strings.Contains(page.Body, "<title>Geheime Muur</title>") {
		t.Error("the map tells of a secret segment")
	}
	link := func(page, words string) string {
		t.Helper()
		m := regexp.MustCompile(`href="([^"]*)" title="` + words + `"`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no link %q", words)
		}
		return html.UnescapeString(m[1])
	}
	reads(t, visitor, link(page.Body, "Further away"), "Heideheuvel", "Ring of Bree")
	near := reads(t, visitor, "/segments?bbox=50.84,4.58,50.88,4.64&type=Ride", "Kattenberg", "not Heideheuvel", "not Ring of Bree")
	closer := link(near.Body, "Closer")
	if !strings.Contains(closer, "type=Ride") {
		t.Errorf("the other filter is lost: %s", closer)
	}
	far := near
	for range 3 {
		far = visitor.Get(link(far.Body, "South"))
	}
	if !far.Has("Heideheuvel") || far.Has("Kattenberg") {
		t.Errorf("three steps to the south:\n%s", far.Text())
	}
	reads(t, visitor, "/segments?bbox=10,10,10.1,10.1", "No segment matches")
	refuses(t, visitor, "/segments", nil, 405)
	for _, bad := range []string{"1,2,3", "a,b,c,d", "51,4,50,5"} {
		if page := visitor.Get("/segments?bbox=" + bad); page.Status != 400 || !page.Has("An area is four numbers") {
			t.Errorf("bbox=%s: status %d", bad, page.Status)
		}
	}
}

// TestAnAreaIsDrawn with the mouse, and looked into.
func TestAnAreaIsDrawn(t *testing.T) {
	s := startSeason(t)
	ctx := browsertest.Open(t, browsertest.Options{Width: 1280, Height: 900})
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/segments"), chromedp.WaitReady("[data-area] svg")); err != nil {
		t.Fatal(err)
	}
	// Around the one that lies furthest south.
	drag := `(() => {
		const map = document.querySelector("[data-area] svg"), r = map.getBoundingClientRect();
		const line = [...map.querySelectorAll("path, circle")].find(p => p.textContent === "Heideheuvel").getBoundingClientRect();
		const send = (type, x, y) => map.dispatchEvent(new PointerEvent(type, {bubbles: true, button: 0, pointerId: 1, pointerType: "mouse", clientX: x, clientY: y}));
		map.setPointerCapture = () => {};
		send("pointerdown", line.left - 25, line.top - 25); send("pointermove", line.right, line.bottom); send("pointerup", line.right + 25, line.bottom + 25);
	})()`
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](drag)); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.WaitReady(`#f-bbox[value^="50"]`)); err != nil {
		t.Fatal(err)
	}
	typed := browsertest.Value[[]float64](t, ctx, `document.getElementById("f-bbox").value.split(",").map(Number)`)
	for i, want := range [][2]float64{{50.77, 50.80}, {4.56, 4.602}, {50.814, 50.84}, {4.612, 4.66}} { // what it has to hold, and little more
		if len(typed) != 4 || typed[i] < want[0] || typed[i] > want[1] {
			t.Fatalf("the area is %v; side %d isn't between %v", typed, i, want)
		}
	}
	browsertest.Until(t, ctx, `document.querySelectorAll(".segment-card, .cards article").length === 1 && document.querySelector("main").innerText.includes("Heideheuvel")`)
}
