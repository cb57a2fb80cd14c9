package sport

// Gender as an athlete discloses it. The zero value is undisclosed.
type Gender string

const (
	Undisclosed Gender = ""
	Female      Gender = "F"
	Male        Gender = "M"
	NonBinary   Gender = "X"
)

// Valid says whether g is one of the four.
func (g Gender) Valid() bool {
	return g == Undisclosed || g == Female || g == Male || g == NonBinary
}

// Units that an athlete reads.
type Units string

const (
	Metric   Units = "metric"
	Imperial Units = "imperial"
)
