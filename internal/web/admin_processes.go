package web

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/process"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
)

// instanceRows shows instances of processes that wait for somebody.
func instanceRows(parked []process.Parked) []pages.AdminInstance {
	what := map[string]string{"event": "can't react to an event", "timer": "can't react to a timer", "refusal": "can't react to a refusal",
		"command": "has a command that can't be carried out"}
	var out []pages.AdminInstance
	for _, p := range parked {
		row := pages.AdminInstance{Process: p.Process, Instance: p.Instance, What: what[p.At], Error: p.Trouble, Since: format.Ago(now(), p.Since)}
		if p.Waiting > 1 {
			row.Behind = format.Count(int(p.Waiting-1), "waits", "wait") + " behind it"
		}
		out = append(out, row)
	}
	return out
}

// troublesOfInstances adds to what an administrator should look at.
func troublesOfInstances(parked []process.Parked) []pages.AdminTrouble {
	var out []pages.AdminTrouble
	for _, p := range parked {
		out = append(out, pages.AdminTrouble{Title: p.Process + " is stuck with " + p.Instance, Text: p.Trouble, URL: "/admin/parked#instances"})
	}
	return out
}

func (s *Server) replayInstance(w http.ResponseWriter, r *http.Request) error {
	err := process.Replay(r.Context(), s.Pool, chi.URLParam(r, "name"), r.PostFormValue("instance"))
	return s.afterInstance(w, r, err, "It is tried again. Reload to see how it went.")
}

func (s *Server) discardInstance(w http.ResponseWriter, r *http.Request) error {
	err := process.Discard(r.Context(), s.Pool, chi.URLParam(r, "name"), r.PostFormValue("instance"))
	return s.afterInstance(w, r, err, "What was in the way is gone for good; the rest goes on.")
}

func (s *Server) afterInstance(w http.ResponseWriter, r *http.Request, err error, sentence string) error {
	if errors.Is(err, process.ErrNotParked) {
		err, sentence = nil, "It goes on already."
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/admin/parked", sentence)
}
