package pages

import "segmentchallenge/web/templates/ui"

// ProfileForm is what was typed about an athlete, and what is wrong with it, by field.
type ProfileForm struct {
	FirstName, LastName, Gender, BirthYear, Town, Country, Units, TimeZone, Visibility string
	Problems                                                                           map[string]string
}

// ProfileFields are the names of its fields, in their order.
var ProfileFields = []string{"firstName", "lastName", "gender", "birthYear", "town", "country", "units", "timeZone", "visibility"}

// ProfileFormOf reads the form's values as they were typed.
func ProfileFormOf(value func(string) string) ProfileForm {
	return ProfileForm{FirstName: value("firstName"), LastName: value("lastName"), Gender: value("gender"),
		BirthYear: value("birthYear"), Town: value("town"), Country: value("country"), Units: value("units"),
		TimeZone: value("timeZone"), Visibility: value("visibility")}
}

func choose(selected string, pairs ...string) []ui.Option {
	var out []ui.Option
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, ui.Option{Value: pairs[i], Label: pairs[i+1], Selected: pairs[i] == selected})
	}
	return out
}

func (f ProfileForm) genders() []ui.Option {
	return choose(f.Gender, "", "I'd rather not say", "F", "Women", "M", "Men", "X", "Neither")
}

func (f ProfileForm) units() []ui.Option {
	if f.Units == "" {
		f.Units = "metric"
	}
	return choose(f.Units, "metric", "Kilometres and metres", "imperial", "Miles and feet")
}

func (f ProfileForm) visibilities() []ui.Option {
	return choose(f.Visibility, "everyone", "Everyone", "members", "Athletes who are signed in", "nobody", "Nobody but me")
}
