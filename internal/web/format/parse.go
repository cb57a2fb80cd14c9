package format

import (
	"errors"
	"regexp"
	"strconv"
	"time"
)

var timeWords = regexp.MustCompile(`^(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-5][0-9])(?:[.,]([0-9]{1,3}))?$`)

// ErrTime is what can't be read as a time.
var ErrTime = errors.New("not a time like 4:09 or 1:02:03")

// ParseTime reads an elapsed time as people write it: m:ss or h:mm:ss, with up to three decimals behind a point or a comma.
// ErrTime for anything else.
func ParseTime(typed string) (time.Duration, error) {
	m := timeWords.FindStringSubmatch(typed)
	if m == nil {
		return 0, ErrTime
	}
	hours, _ := strconv.Atoi("0" + m[1])
	minutes, _ := strconv.Atoi(m[2])
	seconds, _ := strconv.Atoi(m[3])
	if m[1] != "" && (minutes > 59 || len(m[2]) != 2) {
		return 0, ErrTime
	}
	fraction, _ := strconv.Atoi((m[4] + "000")[:3])
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second + time.Duration(fraction)*time.Millisecond, nil
}
