package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
)

// A browser that has done something carries the position of it for half a minute, in a cookie. Whatever node answers its
// next request waits until the read models are there, so that people see what they did. The number is no secret and
// proves nothing: the most that a wrong one does is to make its bearer wait.
const (
	positionCookie = "pos"
	positionAge    = 30 // seconds
)

// positionKey finds the ResponseWriter of a request, to note where its command ended.
type positionKey struct{}

// positioned is middleware for pages.
func (s *Server) positioned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie(positionCookie); err == nil {
			s.awaitPosition(w, r, cookie.Value)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), positionKey{}, w)))
	})
}

// awaitPosition waits, and forgets a position that makes no sense. One that isn't reached in time is the reader's loss only:
// the page shows what there is, as the form said that it might.
func (s *Server) awaitPosition(w http.ResponseWriter, r *http.Request, text string) {
	position, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		err = s.Dispatch.Await(r.Context(), position)
	}
	ahead, beyond := errors.AsType[*eventstore.AheadError](err)
	if beyond {
		s.Log.WarnContext(r.Context(), "a browser is further than the log", "position", ahead.Position, "head", ahead.Head)
	}
	if beyond || errors.Is(err, strconv.ErrSyntax) || errors.Is(err, strconv.ErrRange) {
		s.setPosition(w, "", -1)
	}
}

// notePosition lets the browser carry on where a command ended.
func (s *Server) notePosition(ctx context.Context, result dispatch.Result, settled error) {
	position := result.Last
	if behind, is := errors.AsType[*dispatch.CatchingUpError](settled); is {
		position = behind.Position
	}
	if w, is := ctx.Value(positionKey{}).(http.ResponseWriter); is && position > 0 {
		s.setPosition(w, strconv.FormatInt(position, 10), positionAge)
	}
}

func (s *Server) setPosition(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: positionCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.BaseURL, "https://")})
}
