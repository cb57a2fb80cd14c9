package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Ordinal writes a rank: 1st, 2nd, 3rd, 4th, 11th, 21st.
func Ordinal(n int) string {
	suffix := "th"
	if tens := n / 10 % 10; tens != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return Number(n) + suffix
}

// Number writes a whole number with thousands apart: 12,345.
func Number(n int) string { return fixed(float64(n), 0) }

// Count writes a number with its noun: "1 stage", "3 stages".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1" + nbsp + one
	}
	return Number(n) + nbsp + many
}

// Points writes points without a decimal that says nothing: 12, 7.5.
func Points(p float64) string {
	if p == math.Trunc(p) {
		return fixed(p, 0)
	}
	return strings.TrimRight(fixed(p, 2), "0")
}

// Bytes writes a file's size: 640 B, 12 kB, 3.4 MB.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d%sB", n, nbsp)
	case n < 1_000_000:
		return fixed(float64(n)/1e3, 0) + nbsp + "kB"
	}
	return fixed(float64(n)/1e6, 1) + nbsp + "MB"
}

// Moved says a change of rank in words; positive is up: "up 2 places", "down 1 place", "no change".
func Moved(places int) string {
	switch {
	case places > 0:
		return "up" + nbsp + Count(places, "place", "places")
	case places < 0:
		return "down" + nbsp + Count(-places, "place", "places")
	}
	return "no change"
}

// fixed writes with a fixed count of decimals, thousands apart, and never "−0".
func fixed(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, rest := s, ""
	if dot := strings.IndexByte(s, '.'); dot >= 0 {
		whole, rest = s[:dot], s[dot:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		return minus + whole + rest
	}
	return whole + rest
}
