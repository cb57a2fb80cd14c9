package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/ui"
)

// pager leads through a list that is paged by cursors. The address keeps the cursors of the pages before (trail), so that
// one can go back, and what the reader looks for.
type pager struct {
	address url.URL
	cursor  string   // of this page; "" for the first
	trail   []string // of the pages from the second to the one before this
}

const trailSeparator = "~" // cursors are base64

func pagerOf(r *http.Request) pager {
	p := pager{address: *r.URL, cursor: r.URL.Query().Get("cursor")}
	if trail := r.URL.Query().Get("trail"); trail != "" && p.cursor != "" {
		p.trail = strings.Split(trail, trailSeparator)
	}
	return p
}

// view needs the cursor that follows this page; "" for the last.
func (p pager) view(next string) ui.PagesView {
	var v ui.PagesView
	if next != "" {
		v.Next = p.to(next, p.beyond())
	}
	if p.cursor != "" {
		v.Prev = p.back()
		v.Label = "Page " + format.Number(len(p.trail)+2)
	}
	return v
}

// beyond is the trail of the page after this one.
func (p pager) beyond() []string {
	if p.cursor == "" {
		return nil
	}
	return append(slices.Clone(p.trail), p.cursor)
}

func (p pager) back() string {
	if len(p.trail) == 0 {
		return p.to("", nil)
	}
	last := len(p.trail) - 1
	return p.to(p.trail[last], p.trail[:last])
}

func (p pager) to(cursor string, trail []string) string {
	return withQuery(p.address, "cursor", cursor, "trail", strings.Join(trail, trailSeparator))
}

// withQuery is the address with some parameters changed; an empty value takes one out.
func withQuery(address url.URL, namesAndValues ...string) string {
	q := address.Query()
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if namesAndValues[i+1] == "" {
			q.Del(namesAndValues[i])
		} else {
			q.Set(namesAndValues[i], namesAndValues[i+1])
		}
	}
	if len(q) == 0 {
		return address.Path
	}
	return address.Path + "?" + q.Encode()
}
