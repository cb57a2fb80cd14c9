package sport_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"segmentchallenge/internal/sport"
)

func TestCategoriesAreReadAsOrganisersWriteThem(t *testing.T) {
	for typed, want := range map[string]sport.Category{
		"Open": sport.Open, "women": sport.Women, " MEN ": sport.Men,
		"50+": "50+", "open 50+": "50+", "50 +": "50+", "Women 50+": "Women 50+", "men50+": "Men 50+",
		"40-49": "40-49", "40 – 49": "40-49", "women 40—49": "Women 40-49", "Men 5-5": "Men 5-5",
		"U23": "U23", "u 23": "U23", "under 23": "U23", "Women U23": "Women U23", "0-22": "U23", "50-120": "50+",
	} {
		if got, ok := sport.ParseCategory(typed); !ok || got != want {
			t.Errorf("ParseCategory(%q) = %q, %v; want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", " ", "Elite", "49-40", "U0", "U1", "130+", "40-121", "1000+", "-5", "40", "40-", "Women Men", "Women40to49", "50++", "Ｏｐｅｎ"} {
		if got, ok := sport.ParseCategory(typed); ok {
			t.Errorf("ParseCategory(%q) = %q", typed, got)
		}
	}
}

func TestWhomCategoriesTake(t *testing.T) {
	all := []sport.Category{sport.Open, sport.Women, sport.Men, "U23", "40-49", "50+", "Women 40-49", "Men 50+"}
	for _, c := range []struct {
		name string
		who  sport.Entrant
		want []sport.Category
	}{
		{"nothing disclosed: Open alone", sport.Entrant{}, []sport.Category{sport.Open}},
		{"neither gender", sport.Entrant{Gender: sport.NonBinary, Age: 44}, []sport.Category{sport.Open, "40-49"}},
		{"gender alone", sport.Entrant{Gender: sport.Female}, []sport.Category{sport.Open, sport.Women}},
		{"age alone", sport.Entrant{Age: 49}, []sport.Category{sport.Open, "40-49"}},
		{"woman of 40", sport.Entrant{Gender: sport.Female, Age: 40}, []sport.Category{sport.Open, sport.Women, "40-49", "Women 40-49"}},
		{"woman of 39", sport.Entrant{Gender: sport.Female, Age: 39}, []sport.Category{sport.Open, sport.Women}},
		{"man of 50", sport.Entrant{Gender: sport.Male, Age: 50}, []sport.Category{sport.Open, sport.Men, "50+", "Men 50+"}},
		{"man of 22", sport.Entrant{Gender: sport.Male, Age: 22}, []sport.Category{sport.Open, sport.Men, "U23"}},
		{"man of 23", sport.Entrant{Gender: sport.Male, Age: 23}, []sport.Category{sport.Open, sport.Men}},
	} {
		if diff := cmp.Diff(c.want, sport.CategoriesOf(all, c.who)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if sport.Category("Elite").Takes(sport.Entrant{Gender: sport.Female, Age: 40}) {
		t.Error("an unknown category takes somebody")
	}
	if sport.Women.AgeGroup() || !sport.Category("U23").AgeGroup() {
		t.Error("age groups are told wrongly")
	}
}

func TestAgesAreThoseOfTheYear(t *testing.T) {
	for _, c := range []struct{ year, born, want int }{{2026, 1976, 50}, {2026, 1977, 49}, {2026, 0, 0}, {2026, 2030, 0}} {
		if got := sport.AgeIn(c.year, c.born); got != c.want {
			t.Errorf("born in %d: %d in %d", c.born, got, c.year)
		}
	}
}

func TestWideCategoriesComeFirst(t *testing.T) {
	want := []sport.Category{sport.Open, sport.Women, sport.Men, "U23", "40-49", "50+", "Women U23", "Women 50+", "Men 40-44", "Men 40-49"}
	rapid.Check(t, func(t *rapid.T) {
		got := rapid.Permutation(slices.Clone(want)).Draw(t, "order")
		sport.SortCategories(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// What has been read once is read as itself, and takes just those whose age its name says.
func FuzzParseCategory(f *testing.F) {
	for _, seed := range []string{"Open", "Women 40-49", "50+", "U23", "women 0–0", "Men 999+"} {
		f.Add(seed, 40)
	}
	f.Fuzz(func(t *testing.T, typed string, age int) {
		c, ok := sport.ParseCategory(typed)
		if !ok {
			return
		}
		if again, ok := sport.ParseCategory(string(c)); !ok || again != c {
			t.Errorf("%q is kept as %q, which is read as %q", typed, c, again)
		}
		var from, to int
		name := string(c)
		for _, gender := range []string{"Women ", "Men "} {
			if len(name) > len(gender) && name[:len(gender)] == gender {
				name = name[len(gender):]
			}
		}
		switch {
		case !c.AgeGroup():
			return
		case name[0] == 'U':
			fmt.Sscanf(name, "U%d", &to)
			to--
		case name[len(name)-1] == '+':
			fmt.Sscanf(name, "%d+", &from)
			to = 1 << 20
		default:
			fmt.Sscanf(name, "%d-%d", &from, &to)
		}
		want := age > 0 && age >= from && age <= to
		if got := c.Takes(sport.Entrant{Gender: sport.Female, Age: age}) || c.Takes(sport.Entrant{Gender: sport.Male, Age: age}); got != want && age <= sport.MaxAge {
			t.Errorf("%q takes somebody of %d: %v", c, age, got)
		}
	})
}
