package guard

import (
	"net/http"
	"strings"
)

// Policy is the Content-Security-Policy of every page: nothing inline, nothing from elsewhere, no frames around us. A
// handler that must show more sets a header of its own.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers are set before the handler runs, so that it may replace them.
var headers = map[string]string{
	"Content-Security-Policy":      Policy,
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin", // sign-in links carry a token in their address
	"Permissions-Policy":           "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "private, no-cache", // pages differ by who looks; files with a hash say otherwise
}

func (g *Guard) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if g.https {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// foreign answers a form that another site sent in a visitor's name (cross-site request forgery).
func (g *Guard) foreign(w http.ResponseWriter, r *http.Request) {
	g.Refuse(w, r, Refusal{Status: http.StatusForbidden, Code: "foreign_origin", Title: "That came from another site",
		Text: "For your safety, forms are taken from our own pages only. Open the page here, and send it again."})
}

// AllowFrames lets other sites show this answer inside of their pages. It holds nothing that somebody could be tricked into
// pressing: no forms, and cookies don't come along.
func AllowFrames(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", strings.Replace(Policy, "frame-ancestors 'none'", "frame-ancestors *", 1))
	w.Header().Del("X-Frame-Options")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
}
