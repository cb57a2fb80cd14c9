package segmentchallenge_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cases are all the rows that docs/conformance.md must have, so that none gets lost.
const cases = `
AP-01 AP-02 AP-03 AP-04 AP-05 AP-06 AP-07 AP-09 AP-10 AP-12 AP-13 AP-14 AP-16 AP-20
OR-01 OR-02 OR-03 OR-04 OR-06  RD-01 RD-02 RD-04 RD-05  DL-01 DL-03
SB-01 SB-02 SB-03 SB-04 SB-05 SB-07 SB-09 SB-11 SB-12  LK-01 LK-02 LK-03
AG-01 AG-02 AG-04 AG-08 AG-09 AG-10 AG-12 AG-14  RW-01 RW-02 RW-03
PJ-01 PJ-03 PJ-04 PJ-05  PM-01 PM-02 PM-05  MG-01 MG-02 MG-05 MG-06  OP-01 OP-03 OP-04 OP-05`

var conformanceRow = regexp.MustCompile("(?m)^\\| ([A-Z]{2}-[0-9]{2}) \\|.*\\| (—|`[^|]+`) \\|$")

// TestConformanceTable: each case has one row, and each package named in it has a test that is named after the case.
func TestConformanceTable(t *testing.T) {
	page, err := os.ReadFile("docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, row := range conformanceRow.FindAllStringSubmatch(string(page), -1) {
		id, packages := row[1], row[2]
		rows = append(rows, id)
		if packages == "—" {
			t.Logf("%s is not tested yet", id)
			continue
		}
		for folder := range strings.SplitSeq(packages, ", ") {
			folder = strings.Trim(folder, "`")
			name := "Test" + strings.ReplaceAll(id, "-", "") + "_"
			if !hasTest(t, folder, name) {
				t.Errorf("%s: there is no %s… in %s", id, name, folder)
			}
		}
	}
	want := strings.Fields(cases)
	slices.Sort(want)
	slices.Sort(rows)
	if !slices.Equal(want, rows) {
		t.Errorf("the rows are\n%v, but should be\n%v", rows, want)
	}
}

// hasTest looks for a test function whose name begins so in the test files of a folder.
func hasTest(t *testing.T, folder, prefix string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), "\nfunc "+prefix) {
			return true
		}
	}
	return false
}
