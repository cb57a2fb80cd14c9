package files

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/refusal"
)

const (
	freeBytes    = 1 << 20 // unpacked without asking for the ratio: small files may well pack better
	maxDirectory = 8 << 20 // bytes of an archive's list of contents: some 80,000 files
)

// archive is an uploaded zip file.
type archive struct {
	name   string
	r      io.ReaderAt
	size   int64
	limits Limits
	budget int64 // bytes that may still be unpacked
}

// walk yields the activities of all members.
func (a *archive) walk(yield func(Item) bool) {
	z, err := a.open()
	if err != nil {
		yield(Item{File: a.name, Err: err})
		return
	}
	// Members may overlap, so their own ratios don't bound the whole: the archive's does.
	a.budget = min(a.limits.MaxUnpacked, max(freeBytes, a.limits.MaxRatio*a.size))
	members := a.members(z)
	if rows := a.bulkExport(members); rows != nil {
		a.walkExport(rows, members, yield)
		return
	}
	switch {
	case len(members) == 0:
		yield(Item{File: a.name, Err: activities.ErrArchiveEmpty})
		return
	case len(members) > a.limits.MaxMembers:
		yield(Item{File: a.name, Err: activities.ErrArchiveTooBig.Because(fmt.Sprintf(
			"There are %d files in this archive; at most %d are taken at once. Bring it in parts.", len(members), a.limits.MaxMembers))})
		return
	}
	for _, m := range members {
		if !a.readMember(m, exportRow{}, yield) {
			return
		}
	}
}

// readMember yields one member's activities; false when the walk is over. row is what a bulk export says of it.
func (a *archive) readMember(m *zip.File, row exportRow, yield func(Item) bool) bool {
	name := strings.ToValidUTF8(m.Name, "\uFFFD")
	data, err := a.unpack(m)
	if errors.Is(err, activities.ErrArchiveBomb) {
		yield(Item{File: name, ExternalID: row.id, Err: err})
		return false
	}
	if err != nil {
		return yield(Item{File: name, ExternalID: row.id, Err: err})
	}
	for _, item := range read(name, data, a.limits, row) {
		if !yield(item) {
			return false
		}
	}
	return true
}

// open reads the archive's list of contents, which is refused when it is absurdly long.
func (a *archive) open() (*zip.Reader, error) {
	r := &meteredReader{r: a.r, left: maxDirectory}
	z, err := zip.NewReader(r, a.size)
	switch {
	case r.left < 0:
		return nil, activities.ErrArchiveTooBig
	case err != nil:
		return nil, activities.ErrArchiveDamaged.Because("This archive is damaged or was cut off, so it can't be opened. Pack or send it again.")
	}
	r.free = true // the members are metered by themselves
	return z, nil
}

// meteredReader fails once more than left bytes were asked of it, until it is set free.
type meteredReader struct {
	r    io.ReaderAt
	left int64
	free bool
}

func (m *meteredReader) ReadAt(p []byte, off int64) (int, error) {
	if !m.free {
		if m.left -= int64(len(p)); m.left < 0 {
			return 0, errors.New("too much was read")
		}
	}
	return m.r.ReadAt(p, off)
}

// members returns the files that a person put in: not folders, and not what systems add by themselves.
func (a *archive) members(z *zip.Reader) []*zip.File {
	var out []*zip.File
	for _, f := range z.File {
		base := path.Base(f.Name)
		if strings.HasSuffix(f.Name, "/") || strings.HasPrefix(f.Name, "__MACOSX/") || strings.HasPrefix(base, ".") || base == "Thumbs.db" || base == "desktop.ini" {
			continue
		}
		out = append(out, f)
	}
	return out
}

// unpack reads one member, also if it is gzipped by itself.
func (a *archive) unpack(m *zip.File) ([]byte, error) {
	if m.Flags&1 != 0 {
		return nil, activities.ErrArchiveEncrypted
	}
	r, err := m.Open()
	if err != nil {
		return nil, unreadable(err)
	}
	defer r.Close()
	packed := min(int64(min(m.CompressedSize64, 1<<62)), a.size)
	data, err := readLimited(r, packed, a.limits, &a.budget)
	if err != nil || !isGzip(data) {
		return data, err
	}
	return gunzip(data, a.limits, &a.budget)
}

func gunzip(data []byte, l Limits, budget *int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, unreadable(err)
	}
	defer z.Close()
	return readLimited(z, int64(len(data)), l, budget)
}

// readLimited reads everything, unless that is more than a file may have, more than the packed size explains, or more than
// is left of the budget.
func readLimited(r io.Reader, packed int64, l Limits, budget *int64) ([]byte, error) {
	plausible := min(max(freeBytes, l.MaxRatio*packed), *budget)
	limit := min(plausible, l.MaxFile)
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	*budget -= int64(len(data))
	switch {
	case int64(len(data)) > plausible:
		return nil, activities.ErrArchiveBomb
	case int64(len(data)) > limit:
		return nil, tooLarge(l)
	case err != nil:
		return nil, unreadable(err)
	}
	return data, nil
}

// unreadable puts what the unpackers say into words.
func unreadable(err error) *refusal.Error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return activities.ErrFileCutOff
	case errors.Is(err, zip.ErrAlgorithm):
		return activities.ErrArchiveDamaged.Because("This file was packed by a method that isn't known here. Pack it again as an ordinary zip.")
	}
	return activities.ErrFileDamaged
}
