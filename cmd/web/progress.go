package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress shows how far long work is: one line on a terminal that changes, and nothing where nobody looks.
type progress struct {
	out  io.Writer // nil: nobody looks
	what string    // "events exported"
	next time.Time // when the line may change again
	wide int
}

// newProgress shows on standard error, if that is a terminal.
func newProgress(what string) *progress {
	p := &progress{what: what}
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		p.out = os.Stderr
	}
	return p
}

// at shows that done of total are done; total 0: nobody knows.
func (p *progress) at(done, total int64) {
	if p.out == nil || time.Now().Before(p.next) && done != total {
		return
	}
	p.next = time.Now().Add(200 * time.Millisecond)
	line := fmt.Sprintf("%d %s", done, p.what)
	if total > 0 {
		line = fmt.Sprintf("%d of %d %s (%d %%)", done, total, p.what, 100*done/total)
	}
	fmt.Fprintf(p.out, "\r%-*s", p.wide, line)
	p.wide = max(p.wide, len(line))
}

// end leaves the line, so that what follows begins on its own.
func (p *progress) end() {
	if p.out != nil && p.wide > 0 {
		fmt.Fprintf(p.out, "\r%-*s\r", p.wide, "")
	}
}
