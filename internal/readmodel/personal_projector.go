package readmodel

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
)

// personalFamily keeps which streams are about whom, by the events that streams begin with: for exporting and erasing.
var personalFamily = Projector{
	Name:   PersonalModel,
	Tables: []string{"person_streams"},
	Types: typesOf(athletes.Registered{}, activities.Recorded{}, competitors.Joined{}, competitors.Excluded{},
		competitors.EffortRefused{}),
	apply: applyPersonal,
}

func applyPersonal(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	about, ok := e.(eventstore.Personal)
	if !ok {
		return unhandled(e)
	}
	w.exec(`insert into person_streams (person, stream) values ($1, $2) on conflict do nothing`, about.Person(), rec.Stream)
	return nil
}

// What an athlete who is erased leaves in the tables of each family. Their results stay, without a name; what only decoding
// earlier events could tell is as if it had never been told, so a rebuild comes to the same.

func (w *writer) forgetPerson(athlete uuid.UUID) {
	p := athletes.Forgotten
	w.exec(`update athletes set first_name = $2, last_name = $3, gender = '', birth_year = 0, town = '', country = '', time_zone = '',
		visibility = 'nobody', avatar = '', admin = false, deleted = true where id = $1`, athlete, p.FirstName, p.LastName)
}

func (w *writer) forgetEfforts(athlete uuid.UUID) {
	w.exec(`update efforts set average_heart_rate = 0, average_power = 0, reason = '' where athlete_id = $1`, athlete)
}

func (w *writer) forgetCompetitor(athlete uuid.UUID) {
	w.exec(`update competitors set gender = '', reason = '' where athlete_id = $1`, athlete)
}

// forgetFeed deletes what only they could see; what was told of them elsewhere stays, without hand-given words.
func (w *writer) forgetFeed(athlete uuid.UUID) {
	w.exec(`delete from feed_items where athlete_id = $1 and personal`, athlete)
	w.exec(`update feed_items set data = data - 'reason' where athlete_id = $1 and data ? 'reason'`, athlete)
}
