package guard

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"
)

// bounded stops a body that is too large: at once where its length is said, else while it's read (*http.MaxBytesError).
func (g *Guard) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := g.limitOf(r)
		if r.ContentLength > limit {
			// A browser shows our words only once it has sent everything; somewhat too much is therefore read and dropped.
			_, _ = io.CopyN(io.Discard, r.Body, min(r.ContentLength, 2*limit))
			g.TooLarge(w, r)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		next.ServeHTTP(w, r)
	})
}

// limitOf is the upload limit for files, whichever way they are sent, and the small one for forms and JSON.
func (g *Guard) limitOf(r *http.Request) int64 {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "" || kind == "application/x-www-form-urlencoded" || strings.HasSuffix(kind, "json") {
		return g.MaxBody
	}
	return g.MaxUpload
}

// TooLarge answers 413 in words; also for handlers that meet a *http.MaxBytesError.
func (g *Guard) TooLarge(w http.ResponseWriter, r *http.Request) {
	g.Refuse(w, r, Refusal{Status: http.StatusRequestEntityTooLarge, Code: "request_too_large", Title: "Too large",
		Text: fmt.Sprintf("At most %d MB can be sent at once. Send fewer files together, or smaller ones.", max(1, g.limitOf(r)>>20))})
}

// ByAddress tells callers apart by where they are; a whole /64 of IPv6 is one caller, because one household has it.
func ByAddress(r *http.Request) string {
	return httprate.CanonicalizeIP(middleware.GetClientIP(r.Context()))
}

// Limit lets each caller, told apart by a key, through n times in a sliding window, and then asks them to wait (429 with
// Retry-After). A nil key is ByAddress.
func (g *Guard) Limit(n int, window time.Duration, key func(*http.Request) string) func(http.Handler) http.Handler {
	if key == nil {
		key = ByAddress
	}
	by := func(r *http.Request) (string, error) { return key(r), nil }
	return httprate.LimitBy(n, window, by, httprate.WithLimitHandler(g.tooOften), httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}))
}

func (g *Guard) tooOften(w http.ResponseWriter, r *http.Request) {
	g.Refuse(w, r, Refusal{Status: http.StatusTooManyRequests, Code: "too_many_requests", Title: "A little slower, please",
		Text: "That was asked for very often in a short time. Wait a moment, and try again."})
}
