package web

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/web/templates/pages"
)

// nameOr is for somebody whose name is still on its way.
func nameOr(name string) string {
	if name == "" {
		return "An athlete"
	}
	return name
}

// profileURL is where an athlete's name leads; "" for one who has deleted their account: there is no page to lead to, and
// the name that is shown is a stand-in.
func profileURL(id uuid.UUID, deleted bool) string {
	if deleted {
		return ""
	}
	return "/athletes/" + id.String()
}

// personOf is an athlete in a list of people.
func personOf(id uuid.UUID, p readmodel.Person) pages.Person {
	return pages.Person{Name: nameOr(p.Name), URL: profileURL(id, p.Deleted), Avatar: p.Avatar.URL(avatars.Small)}
}
