package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/refusal"
)

const (
	// hashedBody is how much of a body tells two requests with the same key apart; uploads are told apart by their length too.
	hashedBody = 1 << 20

	maxKey      = 255
	keyLifetime = 24 * time.Hour  // how long an answer is remembered
	keyPatience = 5 * time.Minute // how long a request may take, before its key is taken for one that a crash left behind
)

var (
	errKeyInvalid = refusal.Of(refusal.Malformed, "idempotency_key_invalid", "An Idempotency-Key has 1 to 255 printable ASCII characters.")
	errKeyReused  = refusal.New("idempotency_key_reused", "This Idempotency-Key was used for another request.")
	errKeyBusy    = refusal.Of(refusal.Conflict, "request_in_progress", "The first request with this Idempotency-Key is still being answered.")
	errBodyCutOff = refusal.Of(refusal.Malformed, "body_cut_off", "The request's body ended early.")
)

func idempotencyKey() *huma.Param {
	longest := maxKey
	return &huma.Param{Name: "Idempotency-Key", In: "header", Description: "The same request sent again with the same key does nothing twice, and gets the first answer, for a day.",
		Schema: &huma.Schema{Type: "string", MaxLength: &longest}}
}

// idempotent answers a POST that is sent again with the same Idempotency-Key with its first answer. A refusal has done
// nothing, and a failure may pass, so their answers are forgotten: the request can be tried again. What the first time may
// have done all the same, or before a crash, is not done twice: see attempt.
func (a *API) idempotent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, by := r.Header.Get("Idempotency-Key"), auth.Actor(r.Context()).AthleteID
		if r.Method != http.MethodPost || key == "" || by == uuid.Nil {
			next.ServeHTTP(w, r)
			return
		}
		sum, err := fingerprint(r)
		if err == nil && !printable(key) {
			err = errKeyInvalid
		}
		if err != nil {
			a.write(w, r, err)
			return
		}
		// Once begun, it is finished: a caller who hangs up would else be told nothing, and do it twice.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), keyPatience)
		defer cancel()
		seed, first, err := a.claimKey(ctx, by, key, sum)
		if err != nil {
			a.write(w, r, err)
			return
		}
		if first != nil {
			first.replay(w)
			return
		}
		answer := &recorder{ResponseWriter: w, status: http.StatusInternalServerError} // what it is when next panics
		defer func() {
			a.keepAnswer(context.WithoutCancel(ctx), by, key, answer)
			answer.send()
		}()
		next.ServeHTTP(answer, r.WithContext(withAttempt(ctx, seed)))
	})
}

func printable(key string) bool {
	return len(key) <= maxKey && !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' })
}

// fingerprint tells requests apart, by address and body; the boundary that a form has by chance doesn't count. What it
// reads of the body is put back.
func fingerprint(r *http.Request) ([]byte, error) {
	head, err := io.ReadAll(io.LimitReader(r.Body, hashedBody))
	if err != nil {
		return nil, errBodyCutOff
	}
	r.Body = readCloser{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
	seen, length := head, r.ContentLength
	if _, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); params["boundary"] != "" {
		boundary := []byte("--" + params["boundary"])
		length -= int64(bytes.Count(head, boundary) * len(boundary))
		seen = bytes.ReplaceAll(head, boundary, nil)
	}
	sum := sha256.Sum256(fmt.Appendf(seen[:len(seen):len(seen)], "\n%s %s %d", r.Method, r.URL, length))
	return sum[:], nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// keptAnswer is the first answer to a key.
type keptAnswer struct {
	Status int
	Type   string
	Body   []byte
}

func (k *keptAnswer) replay(w http.ResponseWriter) {
	w.Header().Set("Content-Type", k.Type)
	w.Header().Set("Idempotent-Replayed", "true")
	w.WriteHeader(k.Status)
	_, _ = w.Write(k.Body) // the client may have gone again
}

// claimKey answers with the first answer, or else with the seed of what the request makes: the one that it had if it was
// begun before.
func (a *API) claimKey(ctx context.Context, by uuid.UUID, key string, sum []byte) (seed uuid.UUID, first *keptAnswer, err error) {
	if err := a.sweepKeys(ctx, now()); err != nil {
		return seed, nil, err
	}
	err = a.Pool.QueryRow(ctx, `insert into idempotency_keys as old (athlete_id, key, request, seed) values ($1, $2, $3, $5)
		on conflict (athlete_id, key) do update set request = excluded.request, started_at = now(), free = false,
			seed = case when old.request = excluded.request and old.seed is not null then old.seed else excluded.seed end
		where old.status is null and (old.free or old.started_at < now() - $4::interval) returning seed`,
		by, key, sum, keyPatience, uuid.Must(uuid.NewV7())).Scan(&seed)
	if !errors.Is(err, pgx.ErrNoRows) {
		return seed, nil, err
	}
	first, err = a.firstAnswer(ctx, by, key, sum)
	return seed, first, err
}

// firstAnswer is what the first request with a key was answered.
func (a *API) firstAnswer(ctx context.Context, by uuid.UUID, key string, sum []byte) (*keptAnswer, error) {
	var request []byte
	var status *int
	var kept keptAnswer
	err := a.Pool.QueryRow(ctx, `select request, status, content_type, body from idempotency_keys where athlete_id = $1 and key = $2`,
		by, key).Scan(&request, &status, &kept.Type, &kept.Body)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // swept just now
		return nil, errKeyBusy
	case err != nil:
		return nil, err
	case !bytes.Equal(request, sum):
		return nil, errKeyReused
	case status == nil:
		return nil, errKeyBusy
	}
	kept.Status = *status
	return &kept, nil
}

// sweepKeys forgets old answers, at most once an hour.
func (a *API) sweepKeys(ctx context.Context, now time.Time) error {
	last := a.swept.Load()
	if now.Unix()-last < int64(time.Hour/time.Second) || !a.swept.CompareAndSwap(last, now.Unix()) {
		return nil
	}
	_, err := a.Pool.Exec(ctx, `delete from idempotency_keys where started_at < $1`, now.Add(-keyLifetime))
	return err
}

func (a *API) keepAnswer(ctx context.Context, by uuid.UUID, key string, r *recorder) {
	var err error
	if r.status < http.StatusBadRequest {
		_, err = a.Pool.Exec(ctx, `update idempotency_keys set status = $3, content_type = $4, body = $5 where athlete_id = $1 and key = $2`,
			by, key, r.status, r.Header().Get("Content-Type"), r.body.Bytes())
	} else {
		_, err = a.Pool.Exec(ctx, `update idempotency_keys set free = true where athlete_id = $1 and key = $2`, by, key)
	}
	if err != nil {
		a.Log.ErrorContext(ctx, "an answer couldn't be kept for its idempotency key", "error", err)
	}
}

// recorder holds an answer back until it is kept: who gets it may ask again at once.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	wrote  bool
}

func (r *recorder) WriteHeader(status int) { r.status, r.wrote = status, true }

func (r *recorder) Write(b []byte) (int, error) {
	if !r.wrote {
		r.WriteHeader(http.StatusOK)
	}
	return r.body.Write(b)
}

// send passes the answer on; nothing when there is none, because of a panic that others answer.
func (r *recorder) send() {
	if r.wrote {
		r.ResponseWriter.WriteHeader(r.status)
		_, _ = r.body.WriteTo(r.ResponseWriter) // the client may have gone
	}
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
