package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net/http"

	"github.com/google/uuid"

	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/refusal"
)

// hashedBody is how much of a body tells two requests with the same key apart; uploads are told apart by their length too.
const hashedBody = 1 << 20

var (
	errKeyReused = refusal.New("idempotency_key_reused", "This Idempotency-Key was used for another request.")
	errKeyBusy   = refusal.Of(refusal.Conflict, "request_in_progress", "The first request with this Idempotency-Key is still being answered.")
)

// idempotent answers a POST that is sent again with the same Idempotency-Key with its first answer. Answers that were our
// fault are forgotten, so that they can be tried again.
func (a *API) idempotent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, by := r.Header.Get("Idempotency-Key"), auth.Actor(r.Context()).AthleteID
		if r.Method != http.MethodPost || key == "" || by == uuid.Nil {
			next.ServeHTTP(w, r)
			return
		}
		head, err := io.ReadAll(io.LimitReader(r.Body, hashedBody))
		if err != nil {
			a.write(w, r, refusal.Of(refusal.Malformed, "body_cut_off", "The request's body ended early."))
			return
		}
		r.Body = readCloser{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
		sum := sha256.Sum256(append(head, r.Method+r.URL.String()+r.Header.Get("Content-Length")...))
		first, err := a.claimKey(r.Context(), by, key, sum[:])
		if err != nil {
			a.write(w, r, err)
			return
		}
		if first != nil {
			first.replay(w)
			return
		}
		answer := &recorder{ResponseWriter: w, Status: http.StatusOK}
		defer func() { a.keepAnswer(context.WithoutCancel(r.Context()), by, key, answer) }()
		next.ServeHTTP(answer, r)
	})
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

// claimKey answers nil when the request is the first with its key.
func (a *API) claimKey(ctx context.Context, by uuid.UUID, key string, sum []byte) (*keptAnswer, error) {
	tag, err := a.Pool.Exec(ctx, `insert into idempotency_keys (athlete_id, key, request) values ($1, $2, $3)
		on conflict (athlete_id, key) do update set request = excluded.request, started_at = now()
		where idempotency_keys.status is null and idempotency_keys.started_at < now() - interval '5 minutes'`, by, key, sum)
	if err != nil || tag.RowsAffected() == 1 {
		return nil, err
	}
	var request []byte
	var status *int
	var kept keptAnswer
	err = a.Pool.QueryRow(ctx, `select request, status, content_type, body from idempotency_keys where athlete_id = $1 and key = $2`,
		by, key).Scan(&request, &status, &kept.Type, &kept.Body)
	switch {
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

func (a *API) keepAnswer(ctx context.Context, by uuid.UUID, key string, r *recorder) {
	var err error
	if r.Status >= http.StatusInternalServerError || !r.wrote {
		_, err = a.Pool.Exec(ctx, `delete from idempotency_keys where athlete_id = $1 and key = $2`, by, key)
	} else {
		_, err = a.Pool.Exec(ctx, `update idempotency_keys set status = $3, content_type = $4, body = $5 where athlete_id = $1 and key = $2`,
			by, key, r.Status, r.Header().Get("Content-Type"), r.body.Bytes())
	}
	if err != nil {
		a.Log.ErrorContext(ctx, "an answer couldn't be kept for its idempotency key", "error", err)
	}
}

// recorder keeps what is answered.
type recorder struct {
	http.ResponseWriter
	Status int
	body   bytes.Buffer
	wrote  bool
}

func (r *recorder) WriteHeader(status int) {
	r.Status, r.wrote = status, true
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}
