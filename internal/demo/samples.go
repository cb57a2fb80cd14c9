package demo

import (
	"os"
	"path/filepath"
	"time"
)

// writeSamples writes rides over the running stage for the visitor to upload: two that count and three that don't, each
// with a time of its own in the hours before now.
func (d *Demo) writeSamples(p *person, stage running, now time.Time) error {
	if err := os.MkdirAll(d.Folder, 0o755); err != nil {
		return err
	}
	usual := stage.course.takes(p.rider(), 1)
	for i, sample := range []struct {
		name string
		outing
	}{
		{"a-very-good-day.fit", outing{target: scaled(usual, 0.86), format: "fit"}},
		{"an-easy-day.gpx", outing{target: scaled(usual, 1.08), format: "gpx"}},
		{"the-wrong-way.tcx", outing{mishap: wrongWay, format: "tcx"}},
		{"turned-off-too-early.fit", outing{mishap: turnedOff, format: "fit"}},
		{"without-times.gpx", outing{mishap: untimed}},
	} {
		o := sample.outing
		o.person, o.course, o.seed = p, stage.course, uint64(now.Unix())+uint64(i)
		recording := o.record()
		start := now.Add(-length(recording) - time.Duration(i*45+3)*time.Minute).In(d.calendar.home)
		if start.Before(stage.StartAt) { // a stage that has just begun
			start = stage.StartAt.In(d.calendar.home).Add(time.Minute)
		}
		f, err := o.file(recording, start)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(d.Folder, sample.name), f.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
