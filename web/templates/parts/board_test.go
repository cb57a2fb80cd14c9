package parts

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

func parse(t *testing.T, c templ.Component) *html.Node {
	t.Helper()
	var out strings.Builder
	if err := c.Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	node, err := html.Parse(strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	return node
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func all(n *html.Node, tag string) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == tag {
			out = append(out, d)
		}
	}
	return out
}

func text(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func cells(tr *html.Node) int {
	n := 0
	for c := range tr.ChildNodes() {
		if c.Type == html.ElementNode && (c.Data == "td" || c.Data == "th") {
			span, err := strconv.Atoi(attr(c, "colspan"))
			if err != nil {
				span = 1
			}
			n += span
		}
	}
	return n
}

func someRow(id string, rank int) BoardRow {
	return BoardRow{AthleteID: id, Name: "Ana <b>", URL: "/athletes/" + id, Rank: rank, Move: 2, Value: "4:09", Gap: "+0:12", GapAbove: "+0:03",
		Pace: "41 km/h", Attempts: 3, Date: "3 May", Chips: []string{"pr"}, MoreURL: "/stage?open=" + id, More: []EffortLine{{Value: "4:09", Date: "3 May", Best: true}}}
}

// Every row of every kind of board has as many cells as its head, so that screen readers name the right column.
func TestBoardColumnsAgree(t *testing.T) {
	for name, b := range map[string]BoardView{
		"times":   {ValueLabel: "Time", PaceLabel: "Speed"},
		"totals":  {ValueLabel: "Distance"},
		"points":  {ValueLabel: "Points", Points: true},
		"reduced": {ValueLabel: "Points", Points: true, PaceLabel: "Pace"},
	} {
		own := someRow("me", 40)
		own.Own = true
		b.ID, b.Rows, b.Own = "b", []BoardRow{someRow("a", 1), someRow("b", 2)}, &own
		rows := all(parse(t, Board(b)), "tr")
		if len(rows) != 1+3*2 {
			t.Fatalf("%s: %d rows", name, len(rows))
		}
		for i, tr := range rows {
			if got, want := cells(tr), cells(rows[0]); got != want {
				t.Errorf("%s: row %d has %d cells, the head %d", name, i, got, want)
			}
		}
	}
}

func TestBoardIsARealTable(t *testing.T) {
	page := parse(t, Board(BoardView{ID: "b", Version: 7, Caption: "Stage 2, Women", State: "provisional", ValueLabel: "Time", Say: "Ana leads.", Rows: []BoardRow{someRow("a", 1)}}))
	if got := text(all(page, "caption")[0]); got != "Stage 2, Women, provisional" {
		t.Errorf("caption %q", got)
	}
	for _, th := range all(page, "th") {
		if scope := attr(th, "scope"); !slices.Contains([]string{"col", "row"}, scope) {
			t.Errorf("a head without scope: %s", text(th))
		}
	}
	section := all(page, "section")[0]
	if attr(section, "id") != "b" || attr(section, "data-version") != "7" {
		t.Errorf("root: %v", section.Attr)
	}
	row := all(page, "tr")[1]
	if attr(row, "id") != "row-a" || attr(row, "data-rank") != "1" {
		t.Errorf("row: %v", row.Attr)
	}
	for _, want := range []string{"1 , gold", "up 2 places", "Ana <b>", "PR", "4:09", "+0:12"} {
		if !strings.Contains(strings.ReplaceAll(text(row), "\u00a0", " "), want) {
			t.Errorf("the row lacks %q: %s", want, text(row))
		}
	}
	if len(all(page, "b")) > 0 {
		t.Error("a name became markup")
	}
}

func TestDateBarCutsAtToday(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 5, n, 0, 0, 0, 0, time.UTC) }
	v := DateBarView{Start: day(1), End: day(11), Now: day(6), Parts: []DatePart{{Start: day(1), End: day(3)}, {Start: day(5), End: day(7)}, {Start: day(8), End: day(11)}}}
	want := []barPiece{{"0%", "20%", true}, {"40%", "10%", true}, {"50%", "10%", false}, {"70%", "30%", false}}
	if got := v.pieces(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, c := range map[string]struct {
		now     time.Time
		want    []barPiece
		running bool
	}{
		"before": {day(1).AddDate(0, -1, 0), []barPiece{{"0%", "100%", false}}, false},
		"after":  {day(20), []barPiece{{"0%", "100%", true}}, false},
		"within": {day(2), []barPiece{{"0%", "10%", true}, {"10%", "90%", false}}, true},
	} {
		v := DateBarView{Start: day(1), End: day(11), Now: c.now}
		if got := v.pieces(); !slices.Equal(got, c.want) || v.running() != c.running {
			t.Errorf("%s: %v, running %v", name, got, v.running())
		}
	}
	if backwards := (DateBarView{Start: day(5), End: day(5), Now: day(5)}); len(backwards.pieces()) != 0 || backwards.running() {
		t.Errorf("a window of no length: %v", backwards.pieces())
	}
}

func TestFeedSentencesHaveTheirSpaces(t *testing.T) {
	now := time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)
	page := parse(t, FeedItem(FeedItemView{ID: "1", Kind: "started", Now: now, At: now, Sentence: []Piece{{Text: "Stage 2,"}, {Text: "Kattenberg", URL: "/s"}, {Text: ", has started"}}}))
	var raw strings.Builder
	for d := range all(page, "p")[0].Descendants() {
		if d.Type == html.TextNode {
			raw.WriteString(d.Data)
		}
	}
	if got := strings.Join(strings.Fields(raw.String()), " "); got != "Stage 2, Kattenberg, has started" {
		t.Errorf("%q", got)
	}
}
