package readmodel

import (
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventstore"
)

var notifications = Projector{
	Name:   NotificationsModel,
	Tables: []string{"notification_choices"},
	Types:  typesOf(athletes.NotificationsChosen{}, athletes.Erased{}),
	apply:  applyNotifications,
}

func applyNotifications(w *writer, _ eventstore.Recorded, e eventstore.Event) error {
	switch e := e.(type) {
	case athletes.NotificationsChosen:
		w.exec(`insert into notification_choices (athlete_id, off) values ($1, coalesce($2, '{}'::text[]))
			on conflict (athlete_id) do update set off = excluded.off`, e.AthleteID, e.Off)
	case athletes.Erased:
		w.exec(`delete from notification_choices where athlete_id = $1`, e.AthleteID)
	default:
		return unhandled(e)
	}
	return nil
}
