package webtest

import (
	"io"
	"log/slog"
	"testing"

	"github.com/google/uuid"
)

// Over lends the helpers of a Site to a site that runs already, wired by somebody else: the program itself. All fields but
// Web and TB are needed.
func Over(t testing.TB, s Site) *Site {
	s.TB, s.log, s.admins = t, slog.New(slog.NewTextHandler(io.Discard, nil)), map[uuid.UUID]bool{}
	return &s
}
