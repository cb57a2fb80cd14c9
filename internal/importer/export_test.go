package importer

import (
	"context"
	"time"

	"segmentchallenge/internal/activities/files"
)

// KeepOnly does of Bring what comes before the event, as if the program had ended there.
func (im *Importer) KeepOnly(ctx context.Context, up Upload) error {
	for f := range files.Open(up.File, up.Data, files.Limits{Now: time.Now()}) {
		facts := factsOf(up, f, time.UTC)
		p, err := packed(idOf(up.AthleteID, facts, f.Index), facts, f)
		if err != nil {
			return err
		}
		if _, err := im.keep(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// Sweep clears away what was kept before that moment and never recorded.
func (im *Importer) Sweep(ctx context.Context, before time.Time) error { return im.sweep(ctx, before) }
