package sport

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Category is a class of athletes with a board of its own, by its name:
//
//	Open                    everybody
//	Women, Men              by the gender that athletes disclose
//	U23, 40-49, 50+         an age group of everybody
//	Women 40-49, Men 50+    an age group of one gender
//
// Ages are those on the day on which the challenge starts, reckoned from the year of birth alone, as federations do: who
// turns 50 in that year is 50. Who discloses no year of birth is in no age group.
type Category string

const (
	Open  Category = "Open" // everybody
	Women Category = "Women"
	Men   Category = "Men"
)

// DefaultCategories are those of a challenge whose organiser chose none.
var DefaultCategories = []Category{Open, Women, Men}

// MaxAge is the oldest that an age group can name, in years.
const MaxAge = 120

// Entrant is what categories go by.
type Entrant struct {
	Gender Gender
	Age    int // on the day on which the challenge starts, in years; 0: undisclosed
}

// AgeIn is the age of who was born in a year, in another; 0 where the year of birth is undisclosed.
func AgeIn(year, birthYear int) int {
	if birthYear == 0 {
		return 0
	}
	return max(0, year-birthYear)
}

// class is what a category's name says.
type class struct {
	gender   Gender // Undisclosed: everybody
	aged     bool
	from, to int // ages, both of them in
}

var categoryWords = regexp.MustCompile(`(?i)^(open|women|men)?\s*(?:(\d{1,3})\s*[-–—]\s*(\d{1,3})|(\d{1,3})\s*\+|(?:u\s*|under\s+)(\d{1,3}))?$`)

// ParseCategory reads a category's name as organisers write it, and returns it as it is kept: "women 40 – 49" is
// "Women 40-49", "open 50+" is "50+", "under 23" is "U23".
func ParseCategory(s string) (Category, bool) {
	c, ok := readClass(s)
	if !ok {
		return "", false
	}
	return c.name(), true
}

func readClass(s string) (class, bool) {
	w := categoryWords.FindStringSubmatch(strings.TrimSpace(s))
	if w == nil || w[0] == "" {
		return class{}, false
	}
	c := class{gender: map[string]Gender{"women": Female, "men": Male}[strings.ToLower(w[1])]}
	switch {
	case w[2] != "":
		c.aged, c.from, c.to = true, number(w[2]), number(w[3])
	case w[4] != "":
		c.aged, c.from, c.to = true, number(w[4]), MaxAge
	case w[5] != "":
		c.aged, c.to = true, number(w[5])-1
	}
	return c, !c.aged || c.from <= c.to && c.to >= 1 && c.to <= MaxAge
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // three digits at most
	return n
}

func (c class) name() Category {
	name := map[Gender]string{Undisclosed: "", Female: "Women ", Male: "Men "}[c.gender]
	switch {
	case !c.aged && c.gender == Undisclosed:
		return Open
	case !c.aged:
		return Category(strings.TrimSpace(name))
	case c.from == 0:
		return Category(fmt.Sprintf("%sU%d", name, c.to+1))
	case c.to == MaxAge:
		return Category(fmt.Sprintf("%s%d+", name, c.from))
	}
	return Category(fmt.Sprintf("%s%d-%d", name, c.from, c.to))
}

// Takes says whether an athlete is ranked in the category.
func (c Category) Takes(e Entrant) bool {
	is, known := readClass(string(c))
	switch {
	case !known, is.gender != Undisclosed && is.gender != e.Gender:
		return false
	case is.aged:
		return e.Age > 0 && e.Age >= is.from && e.Age <= is.to
	}
	return true
}

// AgeGroup says whether the category goes by age.
func (c Category) AgeGroup() bool {
	is, known := readClass(string(c))
	return known && is.aged
}

// CategoriesOf picks those of a challenge's categories that an athlete is ranked in.
func CategoriesOf(all []Category, e Entrant) []Category {
	out := make([]Category, 0, len(all))
	for _, c := range all {
		if c.Takes(e) {
			out = append(out, c)
		}
	}
	return out
}

// SortCategories puts wide ones first: Open, Women, Men, then age groups, the youngest first, each for everybody before
// those of one gender.
func SortCategories(all []Category) {
	slices.SortStableFunc(all, func(a, b Category) int {
		x, _ := readClass(string(a))
		y, _ := readClass(string(b))
		order, kinds := []Gender{Undisclosed, Female, Male}, []bool{false, true}
		return cmp.Or(
			cmp.Compare(slices.Index(kinds, x.aged), slices.Index(kinds, y.aged)),
			cmp.Compare(slices.Index(order, x.gender), slices.Index(order, y.gender)),
			cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to))
	})
}
