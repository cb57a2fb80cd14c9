package format

import (
	"strings"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	for typed, want := range map[string]time.Duration{"4:09": 249 * time.Second, "0:07,25": 7250 * time.Millisecond, "1:02:03": 3723 * time.Second, "75:00.1": 75*time.Minute + 100*time.Millisecond,
		"100:00:00": 100 * time.Hour, "04:09": 249 * time.Second} {
		if got, err := ParseTime(typed); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", "249", "4:9", "4:60", "1:2:03", "1:60:00", "-4:09", "4:09.1234", "4.09", "1:02:03:04", "four"} {
		if got, err := ParseTime(typed); err == nil {
			t.Errorf("%q is read as %v", typed, got)
		}
	}
}

// What is written can be read, to the second.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"4:09", "1:02:03.5", "999:59:59", "0:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		d, err := ParseTime(strings.TrimSpace(typed))
		if err != nil {
			return
		}
		if again, err := ParseTime(Time(d)); err != nil || again != d.Truncate(time.Second) {
			t.Errorf("%q is %v, written %q, read %v %v", typed, d, Time(d), again, err)
		}
	})
}
