package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"segmentchallenge/internal/web/browsertest"
)

// Files go as soon as they're chosen, each on its own; what became of them stands on the page, and the board has it.
func TestTheUploadPageInABrowser(t *testing.T) {
	s := startSeason(t)
	folder := t.TempDir()
	for name, data := range map[string][]byte{"lunch.gpx": rideFile(s.Site, 13, 308*time.Second), "notes.txt": []byte("Dear diary")} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	both := []string{filepath.Join(folder, "lunch.gpx"), filepath.Join(folder, "notes.txt")}
	ctx := browsertest.Open(t, browsertest.Options{Expect: []string{"status of 4"}}) // the console tells of answers with 400
	signIn(t, ctx, s.URL, s.SignIn(s.v.Dirk).Cookies())
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/upload"), chromedp.WaitReady("[data-dropzone]"),
		chromedp.Click("#f-private"), chromedp.SetUploadFiles("#f-files", both)); err != nil {
		t.Fatal(err)
	}
	browsertest.Until(t, ctx, `document.querySelectorAll("#upload-list .upload-done, #upload-list .upload-refused").length === 2`)
	list := browsertest.Value[string](t, ctx, `document.getElementById("upload-list").innerText`)
	for _, words := range []string{"Lunch ride", "5:08", "your best", "Private", "notes.txt", "This isn't an activity file"} {
		if !strings.Contains(list, words) {
			t.Errorf("%q isn't said: %s", words, list)
		}
	}
	if label := browsertest.Value[string](t, ctx, `document.querySelector("label[for=f-type]").innerText`); label != "Type of activity" {
		t.Errorf("the list of types is called %q", label)
	}
	reads(t, s.Visitor(), s.active, "Dirk Aerts", "5:08")
	if err := chromedp.Do(ctx, chromedp.SetUploadFiles("#f-files", both[:1])); err != nil {
		t.Fatal(err)
	}
	browsertest.Until(t, ctx, `document.querySelector("#upload-list .upload-known")`)
}

// The sliders move the numbers, and the preview follows.
func TestASegmentIsCutInABrowser(t *testing.T) {
	s := startSeason(t)
	ctx := browsertest.Open(t, browsertest.Options{Width: 1280, Height: 900})
	signIn(t, ctx, s.URL, s.SignIn(s.v.Bram).Cookies())
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/segments/new?activity="+s.v.Twice.ID.String()), chromedp.WaitReady(".cut-sliders input")); err != nil {
		t.Fatal(err)
	}
	const result = `document.getElementById("cut-result").innerText.replaceAll("\u00a0", " ")`
	slide := func(n, value string) string {
		return `(() => { const s = document.querySelectorAll(".cut-sliders input")[` + n + `]; s.value = ` + value + `;
			s.dispatchEvent(new Event("input", {bubbles: true})); s.dispatchEvent(new Event("change", {bubbles: true})); })()`
	}
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](slide("0", "0.5"))); err != nil {
		t.Fatal(err)
	}
	browsertest.Until(t, ctx, result+`.includes("2.4 km") && document.querySelector("#cut-ride .profile-pale")`)
	if got := browsertest.Value[string](t, ctx, `document.getElementById("f-from").value`); got != "0.5" {
		t.Errorf("the number says %s", got)
	}
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](slide("1", "0.4"))); err != nil {
		t.Fatal(err)
	}
	browsertest.Until(t, ctx, result+`.includes("The end of the part must lie after its start")`)
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](slide("1", "2"))); err != nil {
		t.Fatal(err)
	}
	browsertest.Until(t, ctx, result+`.includes("1.5 km")`)
	if folder := os.Getenv("SC_SCREENSHOTS"); folder != "" {
		if err := browsertest.Screenshot(ctx, filepath.Join(folder, "form-cut-done.png")); err != nil {
			t.Error(err)
		}
	}
	if err := chromedp.Do(ctx, chromedp.SetValue("#f-name", "Middle"), chromedp.Click("button[value=save]"), chromedp.WaitVisible(".flashes .flash")); err != nil {
		t.Fatal(err)
	}
	if title := browsertest.Value[string](t, ctx, `document.querySelector("h1").innerText`); title != "Middle" {
		t.Errorf("it leads on to %q", title)
	}
}

// Without script the look before an approval is a page as any other, and its button acts.
func TestQuestionsWithoutScript(t *testing.T) {
	s := startSeason(t)
	ctx := browsertest.Open(t, browsertest.Options{NoScript: true})
	signIn(t, ctx, s.URL, s.SignIn(s.v.Organiser).Cookies())
	ask := `#stage-1 a[href$="/organise/approve"]`
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+s.challenge+"/organise"), chromedp.Click(ask), chromedp.WaitVisible("#do"),
		chromedp.Click("#do button[type=submit]"), chromedp.WaitVisible(".flash")); err != nil {
		t.Fatal(err)
	}
	reads(t, s.Visitor(), s.past, "Final")
}

// A draft becomes a challenge by script too: the same question in a window, and a choice of type that hides what it doesn't
// need.
func TestTheChallengeFormShowsWhatItsTypeNeeds(t *testing.T) {
	s := startSeason(t)
	ctx := browsertest.Open(t, browsertest.Options{})
	signIn(t, ctx, s.URL, s.SignIn(s.v.Organiser).Cookies())
	seen := func(selector string) bool {
		return browsertest.Value[bool](t, ctx, `document.querySelector("`+selector+`").offsetParent !== null`)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/challenges/new")); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ goal, recurs, tenths bool }{{false, false, true}, {true, true, false}, {true, true, false}, {true, true, false}, {true, false, true}} {
		id := "#f-type"
		if i > 0 {
			id += "-" + string(rune('0'+i))
		}
		if err := chromedp.Do(ctx, chromedp.Click(id)); err != nil {
			t.Fatal(err)
		}
		if got := [3]bool{seen("#f-goal"), seen("#f-goalRecurrence"), seen("#f-tenths")}; got != [3]bool{c.goal, c.recurs, c.tenths} {
			t.Errorf("type %d shows %v, want %v", i, got, c)
		}
	}
}
