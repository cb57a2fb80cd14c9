package web

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/ui"
)

// formID is the id that a form for something new carries hidden, so that the same form sent twice makes one thing.
func formID(typed string) uuid.UUID {
	id, err := uuid.Parse(typed)
	if err != nil || id == uuid.Nil {
		return uuid.Must(uuid.NewV7())
	}
	return id
}

// formOf is what a form sent; nothing for what can't be read.
func formOf(r *http.Request) url.Values {
	_ = r.ParseForm()
	return r.PostForm
}

// wholeNumber reads an optional number; nothing typed is 0.
func wholeNumber(field, typed string) (int, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil {
		return 0, refusal.Field(field, field+"_not_a_number", "Write a whole number, or leave it empty.")
	}
	return n, nil
}

// typedNumber reads a number, with a point or a comma.
func typedNumber(field, typed string) (float64, error) {
	v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(typed), ",", ".", 1), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, refusal.Field(field, field+"_not_a_number", "Write a number, such as 12.5.")
	}
	return v, nil
}

// minuteLayout is what an input for date and time shows and sends.
const minuteLayout = "2006-01-02T15:04"

// typedMinute is a wall clock as an input shows it.
func typedMinute(l sport.Local) string {
	if l.IsZero() {
		return ""
	}
	return l.AsUTC().Format(minuteLayout)
}

// localStart reads when something starts; nothing typed is the zero Local. Inputs know minutes alone, so a minute in which
// one of the anchors lies means that anchor: who doesn't touch an input changes nothing.
func localStart(field, typed string, anchors ...sport.Local) (sport.Local, error) {
	l, _, err := localMinute(field, typed, anchors)
	return l, err
}

// localEnd is localStart for when something ends: until 23:59 means to the end of that minute.
func localEnd(field, typed string, anchors ...sport.Local) (sport.Local, error) {
	l, anchored, err := localMinute(field, typed, anchors)
	if err == nil && !anchored && !l.IsZero() && l.AsUTC().Second() == 0 {
		l = l.Add(59 * time.Second)
	}
	return l, err
}

func localMinute(field, typed string, anchors []sport.Local) (l sport.Local, anchored bool, err error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return sport.Local{}, false, nil
	}
	if i := slices.IndexFunc(anchors, func(a sport.Local) bool { return typedMinute(a) == typed }); i >= 0 {
		return anchors[i], true, nil
	}
	if l, err = sport.ParseLocal(typed); err != nil {
		return l, false, refusal.Field(field, field+"_unreadable", "Write a date and a time, such as 2026-05-02T09:30.")
	}
	return l, false, nil
}

// chosenTypes are the activity types of a form's boxes.
func chosenTypes(form url.Values, field string) []sport.ActivityType {
	out := []sport.ActivityType{}
	for _, v := range form[field] {
		out = append(out, sport.ActivityType(v))
	}
	return out
}

// typeOptions offers activity types, for a list; any says what the empty choice is called, "" leaves it out.
func typeOptions(chosen sport.ActivityType, any string) []ui.Option {
	var out []ui.Option
	if any != "" {
		out = append(out, ui.Option{Label: any, Selected: chosen == ""})
	}
	for _, t := range sport.ActivityTypes() {
		out = append(out, ui.Option{Value: string(t), Label: t.Label(), Selected: t == chosen})
	}
	return out
}

// options offers the pairs of value and label.
func options(chosen string, pairs ...string) []ui.Option {
	var out []ui.Option
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, ui.Option{Value: pairs[i], Label: pairs[i+1], Selected: pairs[i] == chosen})
	}
	return out
}
