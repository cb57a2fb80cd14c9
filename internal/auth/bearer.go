package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"segmentchallenge/internal/actor"
)

// Bearer takes "Authorization: Bearer sc_…" for who is asking. Without the header the request goes on as it came, as a
// visitor or with the session's athlete. A token that isn't good is handed to refuse (ErrInvalidToken: answer 401), and
// so is trouble with the database.
func (s *Service) Bearer(refuse func(http.ResponseWriter, *http.Request, error)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header := r.Header.Get("Authorization")
			if header == "" {
				next.ServeHTTP(w, r)
				return
			}
			a, err := s.bearer(r.Context(), header)
			if err != nil {
				if errors.Is(err, ErrInvalidToken) {
					w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750, 3.1
				}
				refuse(w, r, err)
				return
			}
			next.ServeHTTP(w, r.WithContext(WithActor(r.Context(), a)))
		})
	}
}

// bearer reads an Authorization header.
func (s *Service) bearer(ctx context.Context, header string) (actor.Actor, error) {
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return actor.Actor{}, ErrInvalidToken.Because("The Authorization header must read: Bearer sc_…")
	}
	athlete, err := s.TokenAthlete(ctx, strings.TrimSpace(secret))
	if err != nil {
		return actor.Actor{}, err
	}
	return s.actorOf(ctx, athlete)
}
