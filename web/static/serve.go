package static

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Only these kinds are served; the strict nosniff header makes the exact type matter.
var contentTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".woff2":       "font/woff2",
	".webmanifest": "application/manifest+json",
}

// Handler serves every file under Prefix: by its hashed name for ever, by its own name with a check each time.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are answered here.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	a, cache := assets().byHashed[name], "public, max-age=31536000, immutable"
	if a == nil {
		a, cache = assets().byName[name], "no-cache"
	}
	if a == nil {
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	w.Header().Set("Cache-Control", cache)
	a.send(w, r)
}

func (a *asset) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", a.etag)
	h.Add("Vary", "Accept-Encoding")
	if a.gzipped != nil && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		a.sendGzipped(w, r)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.plain))
}

// sendGzipped answers without ranges, which over a compressed body would mean other bytes.
func (a *asset) sendGzipped(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", strconv.Itoa(len(a.gzipped)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(a.gzipped) // a client that went away isn't our error
	}
}

// acceptsGzip reads Accept-Encoding by RFC 9110 §12.5.3: named or starred, and not with weight zero.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding = strings.ToLower(strings.TrimSpace(coding)); coding != "gzip" && coding != "*" {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		return weight == "" || (err == nil && q > 0)
	}
	return false
}
