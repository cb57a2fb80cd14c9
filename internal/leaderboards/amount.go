package leaderboards

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Amount counts thousandths: of points, seconds, metres, places or efforts, whatever is added up. So a tie that splits 15
// and 12 points gives 13.5 exactly, and sums don't depend on the order in which they are made. In JSON it is the decimal.
type Amount int64

// Whole is one point, second, metre or place.
const Whole Amount = 1000

// maxAmount is a bound that sums of many amounts stay far below.
const maxAmount = 1_000_000_000 * Whole

// ParseAmount reads 12, -3, 13.5 or 13,5: up to three decimals.
func ParseAmount(s string) (Amount, error) {
	whole, decimals, _ := strings.Cut(strings.Replace(strings.TrimSpace(s), ",", ".", 1), ".")
	sign, digits := Amount(1), strings.TrimPrefix(whole, "-")
	if digits != whole {
		sign = -1
	}
	bad := fmt.Errorf("“%.20s” is not a number with at most three decimals", s)
	if len(decimals) > 3 || len(digits) > 9 || digits == "" && decimals == "" {
		return 0, bad
	}
	n, err := strconv.ParseUint(digits+decimals+strings.Repeat("0", 3-len(decimals)), 10, 62)
	if err != nil {
		return 0, bad
	}
	return sign * Amount(n), nil
}

// String is the decimal without trailing zeros.
func (a Amount) String() string {
	sign, n := "", int64(a)
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%03d", sign, n/1000, n%1000)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// MarshalJSON writes the decimal as a number.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON reads any number that an amount can be; finer ones are rounded. Null changes nothing, as everywhere.
func (a *Amount) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.Abs(f) > maxAmount.Float() {
		return fmt.Errorf("“%.20s” is not a number that can be counted with", b)
	}
	*a = Amount(math.Round(f * 1000))
	return nil
}

// Float is the number of points, seconds, metres or places.
func (a Amount) Float() float64 { return float64(a) / 1000 }
