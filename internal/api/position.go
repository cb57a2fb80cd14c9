package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/refusal"
)

// positionHeader is where an answer says how far the log was when its command was done, and where a later request, perhaps
// to another node, asks to be shown at least that.
const positionHeader = "X-Position"

var (
	errPositionInvalid = refusal.Of(refusal.Malformed, "position_invalid", "X-Position is a number that an earlier answer gave in this header.")
	errPositionUnknown = refusal.Of(refusal.Conflict, "position_unknown",
		"The log hasn't come to this X-Position: it is another site's, or from before a backup was restored.")
	errCatchingUp = &Problem{Status: http.StatusServiceUnavailable, Title: "Service Unavailable", Code: "catching_up",
		Detail: "What happened up to this X-Position can't be read yet; ask again in a moment."}
)

func positionParam() *huma.Param {
	return &huma.Param{Name: positionHeader, In: "header", Schema: &huma.Schema{Type: "integer", Format: "int64"},
		Description: "Answer only when everything up to this position can be read. Each answer to a command has it in this header."}
}

// positionKey finds the header of the answer, to note where a command ended.
type positionKey struct{}

// positioned is middleware that waits for the position that a request brings along.
func (a *API) positioned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text := r.Header.Get(positionHeader); text != "" {
			if err := a.awaitPosition(r.Context(), text); err != nil {
				a.write(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), positionKey{}, w.Header())))
	})
}

func (a *API) awaitPosition(ctx context.Context, text string) error {
	position, err := strconv.ParseInt(text, 10, 64)
	if err != nil || position < 0 {
		return errPositionInvalid
	}
	err = a.Dispatch.Await(ctx, position)
	if _, beyond := errors.AsType[*eventstore.AheadError](err); beyond {
		return errPositionUnknown
	}
	if _, behind := errors.AsType[*dispatch.CatchingUpError](err); behind {
		return errCatchingUp
	}
	return err
}

// notePosition tells the client where a command ended.
func notePosition(ctx context.Context, result dispatch.Result, settled error) {
	position := result.Last
	if behind, is := errors.AsType[*dispatch.CatchingUpError](settled); is {
		position = behind.Position
	}
	if header, is := ctx.Value(positionKey{}).(http.Header); is && position > 0 {
		header.Set(positionHeader, strconv.FormatInt(position, 10))
	}
}
