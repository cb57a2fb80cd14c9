// Package fit reads and writes FIT, the binary format of Garmin and most other devices. The messages are decoded by
// muktihari/fit; this package walks the chained files, checks the checksums (the library's test rejects valid files whose
// header is 12 bytes long or has no checksum of its own), keeps what a cut-off file still holds, and splits multisport
// files into their sessions. See https://developer.garmin.com/fit/protocol/.
package fit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/muktihari/fit/decoder"
	"github.com/muktihari/fit/kit/hash/crc16"
	"github.com/muktihari/fit/profile/typedef"

	"segmentchallenge/internal/activities"
)

// Is says whether the data begins as a FIT file does.
func Is(data []byte) bool {
	return len(data) >= 12 && (data[0] == 12 || data[0] == 14) && string(data[8:12]) == ".FIT"
}

// Decode reads all activities of a file: one a session, of one file or of several that are chained. A file that is cut off
// yields what was recorded up to there, with a note. It refuses (activities.Err…) what isn't FIT, holds no activity, or
// has too many points.
func Decode(data []byte) ([]activities.Recording, error) {
	if !Is(data) {
		return nil, activities.ErrFileDamaged.Because("This isn't a FIT file, whatever its name says.")
	}
	var found []activities.Recording
	var refused error
	for Is(data) {
		var part file
		part, data = next(data)
		recordings, err := part.activities()
		if err != nil && (refused == nil || errors.Is(err, activities.ErrTooManyPoints)) {
			refused = err
		}
		found = append(found, recordings...)
	}
	if len(found) == 0 || errors.Is(refused, activities.ErrTooManyPoints) {
		return nil, refused
	}
	return found, nil
}

// file is one of the chained files.
type file struct {
	bytes   []byte // header, messages and, if it is whole, the checksum
	cutOff  bool
	damaged bool // the checksum doesn't fit
}

// next takes the first file off the data.
func next(data []byte) (f file, rest []byte) {
	header := int(data[0])
	size := binary.LittleEndian.Uint32(data[4:8])
	end := header + int(size)
	if size == 0 || end+2 > len(data) {
		// Cut off; or the device stopped before it could write the size. Tell the decoder to read to the end.
		whole := bytes.Clone(data)
		binary.LittleEndian.PutUint32(whole[4:8], max(1, uint32(len(data)-min(header, len(data)))))
		return file{bytes: whole, cutOff: true}, nil
	}
	sum := binary.LittleEndian.Uint16(data[end:])
	return file{bytes: data[:end+2], damaged: sum != 0 && sum != checksum(data[:end])}, data[end+2:]
}

// checksum is over header and messages. (Over the messages alone it is the same if the header ends with its own.)
func checksum(b []byte) uint16 {
	h := crc16.New()
	h.Write(b) // a hash takes every write
	return h.Sum16()
}

// activities decodes the file's messages.
func (f file) activities() ([]activities.Recording, error) {
	c := newCollector()
	d := decoder.New(bytes.NewReader(f.bytes), decoder.WithIgnoreChecksum(), decoder.WithBroadcastOnly(), decoder.WithMesgListener(c))
	_, err := d.Decode()
	switch {
	case c.points > activities.MaxPoints:
		return nil, activities.ErrTooManyPoints
	case c.fileType != typedef.FileActivity && c.fileType != typedef.FileInvalid:
		return nil, notAnActivity(c.fileType)
	}
	found := c.recordings()
	if len(found) == 0 {
		switch {
		case f.cutOff || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
			return nil, activities.ErrFileCutOff.Because(
				"This file ends before anything was recorded: it wasn't saved or sent completely.")
		case err != nil:
			return nil, activities.ErrFileDamaged
		}
		return nil, activities.ErrTooShort
	}
	for i := range found {
		f.note(&found[i], err)
	}
	return found, nil
}

// note says what is wrong with a file that was taken nevertheless.
func (f file) note(r *activities.Recording, err error) {
	switch {
	case f.cutOff:
		r.Note("file_cut_off", "This file ends in the middle. What was recorded up to there was taken.")
	case err != nil:
		r.Note("file_damaged", "This file is damaged. What was recorded up to the damage was taken.")
	case f.damaged:
		r.Note("file_damaged", "This file's checksum is wrong, so some of it may have been changed since it was recorded.")
	}
}

// notAnActivity says what else the file is.
func notAnActivity(t typedef.File) error {
	what := map[typedef.File]string{
		typedef.FileWorkout: "a workout plan", typedef.FileCourse: "a course to be followed", typedef.FileSettings: "a device's settings",
		typedef.FileSegment: "a segment", typedef.FileSegmentList: "a list of segments", typedef.FileGoals: "a list of goals",
		typedef.FileSchedules: "a schedule", typedef.FileWeight: "a record of weights", typedef.FileTotals: "a list of totals",
		typedef.FileMonitoringA: "a day's record of steps", typedef.FileMonitoringB: "a day's record of steps",
		typedef.FileMonitoringDaily: "a day's record of steps", typedef.FileActivitySummary: "a summary without a track",
	}[t]
	if what == "" {
		return activities.ErrFITNotActivity
	}
	return activities.ErrFITNotActivity.Because("This FIT file is " + what + ", not an activity.")
}
