package files

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"path"
	"strings"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/sport"
)

// Columns of a bulk export's activities.csv. Its headers are in the athlete's language, so they are known by position.
const (
	idColumn   = 0
	nameColumn = 2
	typeColumn = 3
)

// exportRow is one activity of a bulk export.
type exportRow struct {
	id, name, file string
	typ            sport.ActivityType // empty when the word isn't known, as in other languages
}

// bulkExport reads the list of a service's bulk export (an activities.csv that names files in a folder activities); nil
// when the archive isn't one.
func (a *archive) bulkExport(members []*zip.File) []exportRow {
	for _, m := range members {
		folder, base := path.Split(m.Name)
		if base != "activities.csv" || strings.Count(folder, "/") > 1 {
			continue
		}
		data, err := a.unpack(m)
		if err != nil {
			return nil
		}
		return exportRows(data, folder)
	}
	return nil
}

func exportRows(data []byte, folder string) []exportRow {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	lines, _ := r.ReadAll() // a list that is cut off still has its beginning
	column := fileColumn(lines)
	if column < 0 {
		return nil
	}
	var rows []exportRow
	seen := map[string]bool{}
	for _, line := range lines {
		if len(line) <= max(column, typeColumn) || !strings.HasPrefix(line[column], "activities/") || seen[line[column]] {
			continue // the header, or an entry by hand that has no file
		}
		seen[line[column]] = true
		typ, _ := sport.ParseActivityType(line[typeColumn])
		rows = append(rows, exportRow{activities.Title(line[idColumn]), line[nameColumn], folder + line[column], typ})
	}
	return rows
}

// fileColumn is the first column that names files in the folder activities; it moved as the export grew.
func fileColumn(lines [][]string) int {
	for _, line := range lines {
		for i, cell := range line {
			if strings.HasPrefix(cell, "activities/") {
				return i
			}
		}
	}
	return -1
}

// walkExport yields the activities of a bulk export as its list names them: all of them, and nothing else that is in the
// archive. Names and types that the athlete gave them at the service win over those in the files.
func (a *archive) walkExport(rows []exportRow, members []*zip.File, yield func(Item) bool) {
	byName := make(map[string]*zip.File, len(members))
	for _, m := range members {
		byName[m.Name] = m
	}
	for _, row := range rows {
		m := byName[row.file]
		if m == nil {
			if !yield(Item{File: strings.ToValidUTF8(row.file, "\uFFFD"), ExternalID: row.id, Err: activities.ErrArchiveFileMissing}) {
				return
			}
			continue
		}
		if !a.readMember(m, row, yield) {
			return
		}
	}
}

func (row exportRow) describe(r *activities.Recording) {
	if row.name != "" {
		r.Name = row.name
	}
	if row.typ != "" {
		r.Type = row.typ
	}
}
