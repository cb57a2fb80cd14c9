package panics_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"segmentchallenge/internal/panics"
)

func mistake() error { panic("the mill is broken") }

func TestCaught(t *testing.T) {
	if err := panics.Caught(func() error { return nil }); err != nil {
		t.Error(err)
	}
	if err := panics.Caught(func() error { return io.EOF }); err != io.EOF {
		t.Error(err)
	}
	var caught *panics.Error
	if err := panics.Caught(mistake); !errors.As(err, &caught) || err.Error() != "panic: the mill is broken" || !strings.Contains(string(caught.Stack), "panics_test.mistake") {
		t.Errorf("%v\n%s", err, caught.Stack)
	}
	if err := panics.Caught(func() error { panic(nil) }); err == nil { // which Go makes an error of
		t.Error("panic(nil) is no error")
	}
}
