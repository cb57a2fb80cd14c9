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

// Category is a class of athletes with a board of its own.
type Category string

const (
	Open  Category = "Open" // everybody
	Women Category = "Women"
	Men   Category = "Men"
)

// DefaultCategories are those of a challenge whose organiser chose none.
var DefaultCategories = []Category{Open, Women, Men}

// Takes says whether an athlete of this gender is ranked in the category.
func (c Category) Takes(g Gender) bool {
	switch c {
	case Women:
		return g == Female
	case Men:
		return g == Male
	}
	return true
}

// CategoriesOf picks those of a challenge's categories that an athlete is ranked in.
func CategoriesOf(all []Category, g Gender) []Category {
	out := make([]Category, 0, len(all))
	for _, c := range all {
		if c.Takes(g) {
			out = append(out, c)
		}
	}
	return out
}

// Units that an athlete reads.
type Units string

const (
	Metric   Units = "metric"
	Imperial Units = "imperial"
)
