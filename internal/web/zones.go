package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/internal/zones"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

func (s *Server) zoneRoutes(r chi.Router) {
	r.Get("/settings/zones", s.member(s.zonesPage))
	r.Post("/settings/zones", s.member(s.addZone))
	r.Post("/settings/zones/{id}/delete", s.member(s.deleteZone))
}

func (s *Server) zones() zones.Store { return zones.Store{Pool: s.Pool} }

func (s *Server) zonesPage(w http.ResponseWriter, r *http.Request) error {
	return s.showZones(w, r, http.StatusOK, pages.ZonesView{}, 400)
}

// showZones fills in what isn't given.
func (s *Server) showZones(w http.ResponseWriter, r *http.Request, status int, v pages.ZonesView, radius int) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	all, err := s.zones().Of(r.Context(), who.AthleteID)
	if err != nil {
		return err
	}
	rides, err := s.latestRides(r.Context(), who)
	if err != nil {
		return err
	}
	for i, z := range all {
		name := z.Name
		if name == "" {
			name = "Zone " + strconv.Itoa(i+1)
		}
		v.Zones = append(v.Zones, pages.ZoneView{ID: z.ID.String(), Name: name, Place: coordinates(z.Lat, z.Lon),
			Reach: format.Distance(float64(z.Radius), who.units), Hides: hidesWords(z, rides)})
	}
	v.Places = append([]ui.Option{{Label: "The place below"}}, placesOf(rides, all, r.PostFormValue("around"))...)
	for _, metres := range zones.Radii {
		v.Radii = append(v.Radii, ui.Option{Value: strconv.Itoa(metres), Label: format.Distance(float64(metres), who.units), Selected: metres == radius})
	}
	return s.render(w, r, status, layout.Page{Title: "Privacy zones", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Zones(p, v) })
}

func coordinates(lat, lon float64) string { return fmt.Sprintf("%.4f, %.4f", lat, lon) }

// ridden is a ride of one's own with its way.
type ridden struct {
	readmodel.Activity
	track activities.Track
}

// latestOwnRides is how many rides the page looks at, for places to choose and for what zones hide.
const latestOwnRides = 8

func (s *Server) latestRides(ctx context.Context, who reader) ([]ridden, error) {
	found, _, err := readmodel.Activities(ctx, s.Pool, readmodel.ActivityFilter{Viewer: who.Actor, AthleteID: who.AthleteID, Limit: latestOwnRides})
	var out []ridden
	for _, a := range found {
		if err != nil || !a.HasTrack {
			continue
		}
		var track activities.Track
		if track, err = s.Importer.Track(ctx, a.ID); len(track.Positioned()) > 0 {
			out = append(out, ridden{a, track.Positioned()})
		}
	}
	return out, err
}

func hidesWords(z zones.Zone, rides []ridden) string {
	hidden := 0
	for _, a := range rides {
		if zones.Hide(a.track, []zones.Zone{z}, a.ID).Count(activities.HasPosition) < len(a.track) {
			hidden++
		}
	}
	switch {
	case len(rides) == 0:
		return ""
	case hidden == 0:
		return "Hides nothing of your latest rides."
	}
	return "Hides a part of " + strconv.Itoa(hidden) + " of your latest " + format.Count(len(rides), "ride", "rides") + "."
}

// placesOf are where the latest rides start and end: places that are in no zone yet, each once.
func placesOf(rides []ridden, all []zones.Zone, chosen string) []ui.Option {
	var out []ui.Option
	var seen []zones.Zone
	for _, a := range rides {
		for i, p := range []activities.Point{a.track[0], a.track[len(a.track)-1]} {
			known := append(append([]zones.Zone{}, all...), seen...)
			if zones.Hide(activities.Track{p}, known, a.ID).Count(activities.HasPosition) == 0 {
				continue
			}
			seen = append(seen, zones.Zone{Lat: p.Lat, Lon: p.Lon, Radius: zones.Radii[0]})
			place := fmt.Sprintf("%.5f, %.5f", p.Lat, p.Lon)
			out = append(out, ui.Option{Value: place, Selected: place == chosen,
				Label: []string{"The start of ", "The end of "}[i] + a.Name + ", " + format.DayMonth(a.StartLocal.AsUTC(), time.UTC)})
		}
	}
	return out
}

func (s *Server) addZone(w http.ResponseWriter, r *http.Request) error {
	typed := strings.TrimSpace(r.PostFormValue("place"))
	radius, badRadius := strconv.Atoi(r.PostFormValue("radius"))
	z := zones.Zone{Name: strings.TrimSpace(r.PostFormValue("name")), Radius: radius}
	place := typed
	if place == "" {
		place = r.PostFormValue("around")
	}
	var err error
	if z.Lat, z.Lon, err = placeOf(place); err == nil {
		if badRadius != nil {
			err = zones.ErrRadius
		} else {
			err = s.zones().Add(r.Context(), viewer(r).AthleteID, z, now())
		}
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		return s.showZones(w, r, http.StatusUnprocessableEntity, pages.ZonesView{Name: z.Name, Coordinates: typed, Problems: said,
			Errors: said.summary("name", "place", "radius")}, radius)
	}
	return s.done(w, r, "/settings/zones", "Added. From now on others don't see what lies in it, of older rides neither.")
}

// placeOf reads latitude and longitude in degrees, as map sites write them.
func placeOf(typed string) (lat, lon float64, err error) {
	parts := strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\u00a0' })
	if len(parts) != 2 {
		return 0, 0, zones.ErrPlace
	}
	lat, err = strconv.ParseFloat(strings.TrimSuffix(parts[0], "°"), 64)
	if err == nil {
		lon, err = strconv.ParseFloat(strings.TrimSuffix(parts[1], "°"), 64)
	}
	if err != nil {
		return 0, 0, zones.ErrPlace
	}
	return lat, lon, nil
}

func (s *Server) deleteZone(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, zones.ErrNone)
	if err == nil {
		err = s.zones().Remove(r.Context(), viewer(r).AthleteID, id)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings/zones", "Deleted. Others see your rides there again.")
}
