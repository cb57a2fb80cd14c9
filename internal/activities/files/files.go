// Package files opens what athletes upload: FIT, GPX and TCX files, gzipped or not, in zip archives or in the bulk export
// of a service. Files are known by their content, whatever their names say. Nothing is unpacked further than an activity
// can need, and a file that can't be taken gets its own reason without holding up the others.
package files

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/activities/tcx"
)

// Limits say how much is taken; zero fields have the defaults named here.
type Limits struct {
	Now         time.Time // to tell impossible dates
	MaxFile     int64     // bytes of one file, unpacked: 50 MB
	MaxMembers  int       // files in an archive: 500 (a service's bulk export may have more)
	MaxRatio    int64     // unpacked to packed bytes, past the first megabyte: 100
	MaxUnpacked int64     // bytes of a whole archive, unpacked: 4 GB
}

func (l Limits) withDefaults() Limits {
	if l.MaxFile == 0 {
		l.MaxFile = 50 << 20
	}
	if l.MaxMembers == 0 {
		l.MaxMembers = 500
	}
	if l.MaxRatio == 0 {
		l.MaxRatio = 100
	}
	if l.MaxUnpacked == 0 {
		l.MaxUnpacked = 4 << 30
	}
	return l
}

// Item is one activity that was found, or one file that wasn't taken.
type Item struct {
	File       string // as uploaded, or the path within the archive
	Data       []byte // the file's bytes, unpacked; nil when they couldn't be had
	Index      int    // which of the file's activities
	ExternalID string // the activity's id at the service whose bulk export this is
	Recording  activities.Recording
	Summary    activities.Summary
	Err        error // why it isn't taken: a *refusal.Error; Recording and Summary are then empty
}

// Open yields every activity in an uploaded file, in the order of the archive. It unpacks one member at a time, so the
// caller may take its time or stop.
func Open(name string, data []byte, l Limits) iter.Seq[Item] {
	return OpenAt(name, bytes.NewReader(data), int64(len(data)), l)
}

// OpenAt is Open for files that needn't lie in memory: only archives may be larger than one file.
func OpenAt(name string, r io.ReaderAt, size int64, l Limits) iter.Seq[Item] {
	l = l.withDefaults()
	name = strings.ToValidUTF8(name, "\uFFFD")
	return func(yield func(Item) bool) {
		head := make([]byte, min(size, 512))
		if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
			yield(Item{File: name, Err: activities.ErrFileDamaged})
			return
		}
		if isZip(head) {
			a := archive{name: name, r: r, size: size, limits: l}
			a.walk(yield)
			return
		}
		if size > l.MaxFile {
			yield(Item{File: name, Err: tooLarge(l)})
			return
		}
		data := make([]byte, size)
		if _, err := r.ReadAt(data, 0); err != nil && err != io.EOF {
			yield(Item{File: name, Err: activities.ErrFileDamaged})
			return
		}
		if isGzip(data) {
			budget := l.MaxUnpacked
			plain, err := gunzip(data, l, &budget)
			if err != nil {
				yield(Item{File: name, Err: err})
				return
			}
			data = plain
		}
		for _, item := range read(name, data, l, exportRow{}) {
			if !yield(item) {
				return
			}
		}
	}
}

func tooLarge(l Limits) error {
	return activities.ErrFileTooLarge.Because(fmt.Sprintf("This file is larger than %d MB, which is more than an activity needs.", l.MaxFile>>20))
}

// read decodes one unpacked file and brings each of its activities into order. row is what a bulk export says of it.
func read(name string, data []byte, l Limits, row exportRow) []Item {
	recordings, err := decode(name, data)
	if err != nil {
		return []Item{{File: name, Data: data, ExternalID: row.id, Err: err}}
	}
	items := make([]Item, len(recordings))
	for i, r := range recordings {
		items[i] = Item{File: name, Data: data, Index: i, ExternalID: row.id}
		if len(recordings) == 1 { // the legs of a multisport file have types of their own
			row.describe(&r)
		}
		clean, err := activities.Clean(r, l.Now)
		if err != nil {
			items[i].Err = err
			continue
		}
		items[i].Recording, items[i].Summary = clean, activities.Summarise(clean)
	}
	return items
}

// decode picks the decoder by content.
func decode(name string, data []byte) ([]activities.Recording, error) {
	switch kind := sniff(data); kind {
	case "fit":
		return fit.Decode(data)
	case "gpx":
		return gpx.Decode(data)
	case "tcx":
		return tcx.Decode(data)
	case "zip", "gzip":
		return nil, activities.ErrArchiveNested
	case "empty":
		return nil, activities.ErrFileEmpty
	case "zeros":
		return nil, activities.ErrFileDamaged.Because("This file holds nothing but zeros: the device didn't finish writing it.")
	default:
		return nil, unknown(kind, name, data)
	}
}
