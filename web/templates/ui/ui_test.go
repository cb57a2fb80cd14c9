package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var out strings.Builder
	if err := c.Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func has(t *testing.T, html string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(html, w) {
			t.Errorf("lacks %s:\n%s", w, html)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Ana de Smet": "AS", "Łukasz Wójcik": "ŁW", "cher": "C", "": "?", "  ": "?", "élodie ñandú": "ÉÑ"} {
		if got := Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestFieldIsTiedToItsWords(t *testing.T) {
	html := render(t, Field(FieldView{Name: "end", Label: "Ends", Type: "date", Value: `"<x>`, Help: "The last day.", Error: "It must end after it starts.", Required: true, Min: "2026-05-01"}))
	has(t, html, `<label for="f-end">`, `id="f-end"`, `name="end"`, `type="date"`, `aria-describedby="f-end-error f-end-help"`, `aria-invalid="true"`,
		`id="f-end-error"`, `id="f-end-help"`, ` required`, `min="2026-05-01"`, `value="&#34;&lt;x&gt;"`)
	if plain := render(t, Field(FieldView{Name: "a", Label: "A"})); strings.Contains(plain, "aria-") || strings.Contains(plain, "min=") {
		t.Errorf("a plain field has attributes that it doesn't need: %s", plain)
	}
}

func TestErrorsLeadToTheirFields(t *testing.T) {
	html := render(t, ErrorSummary("Look again", []FieldError{{Name: "type", Text: "Choose one."}, {Text: "The whole doesn't fit."}}))
	has(t, html, `href="#f-type"`, `role="alert"`, "<li>The whole doesn&#39;t fit.</li>")
	has(t, render(t, Radios(GroupView{Name: "type", Legend: "Type", Options: []Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}})), `id="f-type"`, `id="f-type-1"`)
	if got := render(t, ErrorSummary("Look again", nil)); got != "" {
		t.Errorf("without errors: %s", got)
	}
}

func TestButtonOrLink(t *testing.T) {
	has(t, render(t, Button(ButtonView{Label: "Join", Kind: Primary, Name: "do", Value: "join"})), `<button class="btn btn-primary"`, `type="submit"`, `name="do"`, `value="join"`)
	has(t, render(t, Button(ButtonView{Label: "See", URL: "/x"})), `<a class="btn btn-secondary" href="/x"`)
	if html := render(t, Button(ButtonView{Label: "See", URL: "javascript:alert(1)"})); strings.Contains(html, "javascript:") {
		t.Errorf("an address that runs: %s", html)
	}
}

func TestStatesInWords(t *testing.T) {
	for state, want := range map[string]string{"active": "Running", "approved": "Final", "provisional": "Provisional", "queen": "Queen stage", "odd": "odd"} {
		has(t, render(t, StateChip(state)), want)
	}
	if got := render(t, StateChip("none")) + render(t, StateChip("")); got != "" {
		t.Errorf("nothing to say, said %s", got)
	}
}

func TestCountdownNamesItsMoment(t *testing.T) {
	now := time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)
	has(t, render(t, Countdown(now, now.Add(-time.Hour), now.Add(76*time.Hour))), `datetime="2026-05-06T16:00:00Z"`, "ends in 3\u00a0d\u00a04\u00a0h")
	has(t, render(t, Countdown(now, now.Add(time.Hour), now.Add(2*time.Hour))), `datetime="2026-05-03T13:00:00Z"`, "starts in 1\u00a0h")
}

func TestRankAndMove(t *testing.T) {
	has(t, render(t, Rank(2)), "medal-silver", ", silver")
	has(t, render(t, Rank(1204)), "1,204")
	has(t, render(t, Rank(0)), "not ranked")
	has(t, render(t, Move(-1)), "▼1", "down\u00a01\u00a0place")
	if got := render(t, Move(0)); got != "" {
		t.Errorf("no move is shown as %s", got)
	}
}
