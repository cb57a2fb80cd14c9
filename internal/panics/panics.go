// Package panics makes errors of panics, where a function that somebody else has given is called amid work that must go on: a
// decision, a handler, a reaction.
//
//	err := panics.Caught(func() error { return handle(ctx, event) })
//	var panicked *panics.Error
//	if errors.As(err, &panicked) { log(panicked.Stack) }
package panics

import (
	"fmt"
	"runtime/debug"
)

// Error is a panic that was caught.
type Error struct {
	Value any    // what it was called with
	Stack []byte // of the goroutine, from where it panicked
}

func (e *Error) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Caught calls fn, and returns its error or, if it panics, an *Error. It doesn't catch runtime.Goexit.
func Caught(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Error{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn()
}
