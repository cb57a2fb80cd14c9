package webtest

import (
	"io"
	"log/slog"
	"testing"
)

// Over lends the helpers of a Site to a site that runs already, wired by somebody else: the program itself. All fields but
// Web and TB are needed.
func Over(t testing.TB, s Site) *Site {
	s.TB, s.log = t, slog.New(slog.NewTextHandler(io.Discard, nil))
	return &s
}
