// Package refusal holds the one error shape in which rules and edges say no.
//
// Every refusal has a stable code for programs (challenge_not_active) and a sentence for people. Aggregates declare
// theirs as package variables, so that callers compare with errors.Is and a table test names them.
package refusal

import "errors"

// Kind decides how the edges answer a refusal.
type Kind int

const (
	Refused   Kind = iota // a rule said no
	Invalid               // a field's value can't be taken, Field says which
	Forbidden             // this actor may not
	NotFound              // there is no such thing
	Conflict              // somebody else was first
	TooLarge              // more bytes than are taken
	Malformed             // a file or body that can't be read at all
	Gone                  // it was there, and has been taken away
)

// Status is the kind as HTTP says it, on pages and in the API alike.
func (k Kind) Status() int {
	switch k {
	case Forbidden:
		return 403
	case NotFound:
		return 404
	case Conflict:
		return 409
	case Gone:
		return 410
	case TooLarge:
		return 413
	case Malformed:
		return 400
	case Refused, Invalid:
		return 422
	}
	return 422
}

// Error is a refusal in words.
type Error struct {
	Kind   Kind
	Code   string // snake_case, stable
	Detail string // one or two sentences a person understands
	Field  string // form or JSON field it belongs to; empty when it concerns the whole
}

func (e *Error) Error() string { return e.Detail }

// Is makes errors.Is compare by code, so a refusal with other words for the detail is still the same refusal.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// New makes a refusal by a rule.
func New(code, detail string) *Error { return &Error{Code: code, Detail: detail} }

// Field makes a refusal of one field's value.
func Field(field, code, detail string) *Error {
	return &Error{Kind: Invalid, Field: field, Code: code, Detail: detail}
}

// Of makes a refusal of another kind.
func Of(kind Kind, code, detail string) *Error { return &Error{Kind: kind, Code: code, Detail: detail} }

// Deleted says that what is asked for has been taken away, whatever it was.
var Deleted = Of(Gone, "deleted", "This has been deleted.")

// Because returns a copy with other words for the detail.
func (e *Error) Because(detail string) *Error {
	c := *e
	c.Detail = detail
	return &c
}

// All returns every refusal in err, which may be joined by errors.Join; nil when err holds none.
func All(err error) []*Error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []*Error
		for _, e := range joined.Unwrap() {
			out = append(out, All(e)...)
		}
		return out
	}
	var e *Error
	if errors.As(err, &e) {
		return []*Error{e}
	}
	return nil
}
