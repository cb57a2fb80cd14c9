package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/refusal"
)

// Problem is an RFC 9457 problem document.
type Problem struct {
	Status int          `json:"status" doc:"HTTP status"`
	Title  string       `json:"title" doc:"The status in words"`
	Detail string       `json:"detail" doc:"What went wrong, for people"`
	Code   string       `json:"code" doc:"What went wrong, for programs; never changes" example:"challenge_not_active"`
	Errors []FieldError `json:"errors,omitempty" doc:"What is wrong with single fields"`
}

// FieldError is what is wrong with one field.
type FieldError struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string             { return p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var errNotSignedIn = &Problem{Status: http.StatusUnauthorized, Title: "Unauthorized", Code: "not_signed_in",
	Detail: "This needs an API token: Authorization: Bearer sc_…"}

// problemOf turns what a handler returned into a problem document.
func problemOf(err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	said := refusal.All(err)
	if said == nil {
		return &Problem{Status: http.StatusInternalServerError, Title: "Internal Server Error", Code: "internal",
			Detail: "Something broke on our side; it has been written down."}
	}
	p := &Problem{Status: said[0].Kind.Status(), Detail: said[0].Detail, Code: said[0].Code}
	if errors.Is(err, auth.ErrInvalidToken) {
		p.Status = http.StatusUnauthorized
	}
	p.Title = http.StatusText(p.Status)
	for _, e := range said {
		if e.Field != "" {
			p.Errors = append(p.Errors, FieldError{Field: e.Field, Code: e.Code, Detail: e.Detail})
		}
	}
	return p
}

// fail is what handlers return for err; what isn't a refusal is logged.
func (a *API) fail(ctx context.Context, err error) error {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError && ctx.Err() == nil {
		a.Log.ErrorContext(ctx, "api request failed", "error", err)
	}
	return p
}

// write sends a problem document where no handler of huma's is at work: from middleware.
func (a *API) write(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		a.Log.ErrorContext(r.Context(), "api request failed", "error", err)
	}
	if p.Status == http.StatusUnauthorized && w.Header().Get("WWW-Authenticate") == "" {
		w.Header().Set("WWW-Authenticate", "Bearer") // RFC 6750, 3
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		a.Log.Log(r.Context(), slog.LevelDebug, "the client has gone", "error", err)
	}
}

// init makes huma's own refusals (bodies that aren't JSON, values of a wrong type) speak like ours, and says of lists in
// answers what is true: they may be empty, and are never null.
func init() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := &Problem{Status: status, Title: http.StatusText(status), Detail: sentence(message), Code: codeOf(status)}
		for _, err := range errs {
			var detail huma.ErrorDetailer
			if !errors.As(err, &detail) {
				p.Detail = sentence(message + ": " + err.Error())
				continue
			}
			p.Errors = append(p.Errors, fieldErrorOf(detail.ErrorDetail()))
		}
		switch {
		case len(p.Errors) == 0:
		case status == http.StatusBadRequest: // not JSON at all: there are no fields
			p.Detail, p.Errors = "The body is not JSON: "+p.Errors[0].Detail, nil
			p.Code = "malformed_json"
		default:
			p.Code, p.Detail = "invalid_request", "The request can't be understood: "+p.Errors[0].words()
		}
		return p
	}
}

var missing = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// fieldErrorOf names the field that huma means.
func fieldErrorOf(d *huma.ErrorDetail) FieldError {
	field := d.Location
	for _, where := range []string{"body", "query", "path", "header"} {
		field = strings.TrimPrefix(strings.TrimPrefix(field, where), ".")
	}
	e := FieldError{Field: field, Code: "invalid", Detail: sentence(d.Message)}
	if name := missing.FindStringSubmatch(d.Message); name != nil {
		e.Field = strings.TrimPrefix(field+"."+name[1], ".")
		e.Code, e.Detail = "missing", "This field is needed."
	}
	if strings.HasPrefix(d.Message, "unexpected property") {
		e.Code, e.Detail = "unknown", "There is no such field."
	}
	return e
}

func (e FieldError) words() string {
	if e.Field == "" {
		return e.Detail
	}
	return e.Field + ": " + e.Detail
}

// sentence makes one of a program's message.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + strings.TrimRight(s[size:], ".") + "."
}

func codeOf(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "body_too_large"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	case http.StatusBadRequest:
		return "malformed_request"
	case http.StatusNotFound:
		return "not_found"
	case http.StatusRequestTimeout:
		return "request_too_slow"
	case http.StatusInternalServerError:
		return "internal"
	}
	return "invalid_request"
}
