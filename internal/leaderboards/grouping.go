package leaderboards

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// Placement is where an athlete belongs: at most one division and one team (by their keys), and a handicap.
type Placement struct {
	Handicap
	Division string `json:"division,omitempty"`
	Team     string `json:"team,omitempty"`
}

// Grouping changes divisions, teams, and who belongs where. What it doesn't name stays as it is, so that two who change
// different things at once both succeed.
type Grouping struct {
	Named     []Group     // without a key: added; with one: renamed. Members are left as they are
	Dissolved []Group     // by kind and key; their members are in none then
	Placed    []Placement // all of what is so for these athletes from then on
}

// What a grouping can't be. The field of a placement's refusal ends in the athlete's id (handicap.ID), that of another name for
// a group in its kind and key (name.team.Reds).
var (
	ErrGroupKind          = refusal.Field("kind", "group_kind_unknown", "A group is a division or a team.")
	ErrGroupTwice         = refusal.Field("name", "group_exists", "There is one of this name already.")
	ErrGroupUnknown       = refusal.New("group_not_found", "There is no such division or team (any more).")
	ErrGroupRanked        = refusal.New("group_in_use", "A classification ranks it: change that one under Scoring first.")
	ErrTeam               = refusal.Field("team", "team_unknown", "There is no such team.")
	ErrHandicapUnreadable = refusal.Field("handicap", "handicap_unreadable", "Write a handicap like 20 s, 1:30 or 5 %. A minus puts time on.")
)

// Placements are those of everybody who has any.
func (s Scheme) Placements() map[uuid.UUID]Placement {
	out := map[uuid.UUID]Placement{}
	for _, g := range s.Groups {
		for _, id := range g.Members {
			p := out[id]
			p.AthleteID = id
			if g.Kind == Team {
				p.Team = g.Key
			} else {
				p.Division = g.Key
			}
			out[id] = p
		}
	}
	for _, h := range s.Handicaps {
		p := out[h.AthleteID]
		p.Handicap = h
		out[h.AthleteID] = p
	}
	return out
}

// GroupOf finds a group by its kind and key.
func (s Scheme) GroupOf(kind GroupKind, key string) (Group, bool) {
	for _, g := range s.Groups {
		if g.Kind == kind && g.Key == key {
			return g, true
		}
	}
	return Group{}, false
}

// PlacedSince lists everybody whose placement isn't what it was before, as it is now, by their ids.
func (s Scheme) PlacedSince(before Scheme) []Placement {
	was, is := before.Placements(), s.Placements()
	var out []Placement
	for id, p := range is {
		if was[id] != p {
			out = append(out, p)
		}
	}
	for id := range was {
		if _, still := is[id]; !still {
			out = append(out, Placement{Handicap: Handicap{AthleteID: id}})
		}
	}
	slices.SortFunc(out, func(a, b Placement) int { return bytes.Compare(a.AthleteID[:], b.AthleteID[:]) })
	return out
}

// WithoutMembers is the scheme without anybody's placement.
func (s Scheme) WithoutMembers() Scheme {
	s.Groups, s.Handicaps = slices.Clone(s.Groups), nil
	for i := range s.Groups {
		s.Groups[i].Members = nil
	}
	return s
}

// Grouped returns the scheme after a grouping, or everything that is wrong with it.
func (s Scheme) Grouped(g Grouping) (Scheme, error) {
	groups := make([]Group, len(s.Groups))
	for i, old := range s.Groups {
		groups[i] = old
		groups[i].Members = slices.Clone(old.Members)
	}
	s.Groups, s.Handicaps = groups, slices.Clone(s.Handicaps)
	var bad []error
	for _, gone := range g.Dissolved {
		bad = append(bad, s.dissolve(gone))
	}
	for _, named := range g.Named {
		for _, e := range refusal.All(s.call(named)) {
			if named.Key != "" {
				e = renamed(e, named)
			}
			bad = append(bad, e)
		}
	}
	for _, p := range g.Placed {
		bad = append(bad, s.place(p)...)
	}
	if len(s.Groups) == 0 {
		s.Groups = nil
	}
	if len(s.Handicaps) == 0 {
		s.Handicaps = nil
	}
	return s, errors.Join(bad...)
}

// dissolve takes a group away, unless a classification ranks it.
func (s *Scheme) dissolve(gone Group) error {
	i := slices.IndexFunc(s.Groups, func(g Group) bool { return g.Kind == gone.Kind && g.Key == gone.Key })
	if i < 0 {
		return ErrGroupUnknown
	}
	name := s.Groups[i].Name
	s.Groups = slices.Delete(s.Groups, i, i+1)
	teams := slices.ContainsFunc(s.Groups, func(g Group) bool { return g.Kind == Team })
	for _, c := range s.Classifications {
		if gone.Kind == Division && c.Division == gone.Key || gone.Kind == Team && c.Teams && !teams {
			return ErrGroupRanked.Because(fmt.Sprintf("“%s” can't go: the classification %s ranks it. Change that one under Scoring first.", name, c.Name))
		}
	}
	return nil
}

// call adds a group, or gives one another name.
func (s *Scheme) call(named Group) error {
	if named.Kind != Division && named.Kind != Team {
		return ErrGroupKind
	}
	name, err := sport.CleanName("name", named.Name)
	if err != nil {
		return err
	}
	for _, g := range s.Groups {
		if g.Kind == named.Kind && g.Key != named.Key && strings.EqualFold(g.Name, name) {
			return ErrGroupTwice.Because(fmt.Sprintf("There is a %s “%s” already.", g.Kind, g.Name))
		}
	}
	if named.Key == "" {
		s.Groups = append(s.Groups, Group{Kind: named.Kind, Key: s.freeKey(named.Kind, name), Name: name})
		return nil
	}
	for i, g := range s.Groups {
		if g.Kind == named.Kind && g.Key == named.Key {
			s.Groups[i].Name = name
			return nil
		}
	}
	return ErrGroupUnknown
}

// renamed puts the group that it is about behind the field of a refusal.
func renamed(e *refusal.Error, g Group) *refusal.Error {
	c := *e
	c.Field = "name." + string(g.Kind) + "." + g.Key
	return &c
}

// freeKey is a key that no other group of the kind has: names may be in any script, keys are in addresses.
func (s *Scheme) freeKey(kind GroupKind, name string) string {
	base := keyOf(name)
	if base == "" {
		base = string(kind)
	}
	base = strings.Trim(base[:min(len(base), 26)], "-")
	for n := 1; ; n++ {
		key := base
		if n > 1 {
			key += "-" + strconv.Itoa(n)
		}
		if !slices.ContainsFunc(s.Groups, func(g Group) bool { return g.Kind == kind && strings.EqualFold(g.Key, key) }) {
			return key
		}
	}
}

// place puts an athlete where they belong, and out of where they were.
func (s *Scheme) place(p Placement) (bad []error) {
	at := func(e *refusal.Error) {
		c := *e
		c.Field = e.Field + "." + p.AthleteID.String()
		bad = append(bad, &c)
	}
	if _, known := s.GroupOf(Division, p.Division); p.Division != "" && !known {
		at(ErrDivision)
	}
	if _, known := s.GroupOf(Team, p.Team); p.Team != "" && !known {
		at(ErrTeam)
	}
	if !p.possible() {
		at(refusal.Field("handicap", ErrHandicaps.Code, "A handicap is below 100 percent and at most a day."))
	}
	for i, g := range s.Groups {
		belongs := g.Kind == Division && g.Key == p.Division || g.Kind == Team && g.Key == p.Team
		pos := slices.Index(g.Members, p.AthleteID)
		switch {
		case belongs && pos < 0:
			s.Groups[i].Members = append(g.Members, p.AthleteID)
		case !belongs && pos >= 0:
			s.Groups[i].Members = slices.Delete(g.Members, pos, pos+1)
		}
	}
	s.Handicaps = slices.DeleteFunc(s.Handicaps, func(h Handicap) bool { return h.AthleteID == p.AthleteID })
	if !p.Handicap.IsZero() {
		s.Handicaps = append(s.Handicaps, p.Handicap)
	}
	return bad
}

// possible says whether a handicap leaves something of a time.
func (h Handicap) possible() bool {
	return h.Percent < 100*Whole && h.Percent > -1000*Whole && max(h.Seconds, -h.Seconds) <= 86400*Whole
}

// Words say where an athlete belongs, by the names of the groups: "Division A, team Reds, handicap 20 s"; "" for nowhere.
func (p Placement) Words(groups []Group) string {
	var words []string
	for _, g := range groups {
		switch {
		case g.Kind == Division && g.Key == p.Division:
			words = append(words, g.Label())
		case g.Kind == Team && g.Key == p.Team:
			words = append(words, g.Label())
		}
	}
	if !p.Handicap.IsZero() {
		words = append(words, "handicap "+p.Handicap.String())
	}
	return strings.Join(words, ", ")
}

// Label is the group's name with what it is, where the name doesn't say so itself: "Division A", "Team Reds".
func (g Group) Label() string {
	kind := string(g.Kind)
	if strings.Contains(strings.ToLower(g.Name), kind) {
		return g.Name
	}
	return capital(kind) + " " + g.Name
}
