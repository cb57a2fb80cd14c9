package files_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/files"
	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/activities/tcx"
	"segmentchallenge/internal/sport"
)

var ten = time.Date(2025, 6, 15, 10, 0, 0, 0, time.UTC)

func recording(n int) activities.Recording {
	t := make(activities.Track, n)
	for i := range t {
		t[i] = activities.At(47+float64(i)*7e-5, 8+math.Sin(float64(i)/10)*1e-4)
		t[i].TimeMS = ten.UnixMilli() + int64(i)*1000
		t[i].Has |= activities.HasTime
	}
	return activities.Recording{Name: "Evening", Type: sport.Ride, Track: t}
}

func fitFile(t testing.TB) []byte {
	var b bytes.Buffer
	if err := fit.Write(&b, recording(100)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gpxFile(t testing.TB) []byte {
	var b bytes.Buffer
	if err := gpx.Write(&b, "Evening", sport.Ride, recording(100).Track); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tcxFile(t testing.TB) []byte {
	var b bytes.Buffer
	if err := tcx.Write(&b, recording(100)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type member struct {
	name string
	data []byte
}

func zipped(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// outcome is an item in short: its file, and "ok" or the code of its refusal.
func outcomes(name string, data []byte, l files.Limits) []string {
	l.Now = now
	var out []string
	for item := range files.Open(name, data, l) {
		result := "ok"
		if item.Err != nil {
			result = code(item.Err)
		}
		out = append(out, item.File+": "+result)
	}
	return out
}

func TestContentDecidesNotTheName(t *testing.T) {
	spaced := append([]byte("\n   "), gpxFile(t)...)
	for name, c := range map[string]struct {
		file string
		data []byte
		want string
	}{
		"FIT":                     {"a.fit", fitFile(t), "ok"},
		"GPX":                     {"a.gpx", gpxFile(t), "ok"},
		"TCX":                     {"a.tcx", tcxFile(t), "ok"},
		"gzipped":                 {"a.fit.gz", gz(t, fitFile(t)), "ok"},
		"without a name":          {"", gpxFile(t), "ok"},
		"by a wrong name":         {"a.fit", gpxFile(t), "ok"},
		"blanks before":           {"a.gpx", spaced, "ok"},
		"nothing":                 {"a.gpx", nil, "file_empty"},
		"blanks":                  {"a.gpx", []byte("  \n"), "file_empty"},
		"gzipped nothing":         {"a.gz", gz(t, nil), "file_empty"},
		"zeros":                   {"a.fit", make([]byte, 5000), "file_damaged"},
		"cut-off FIT header":      {"a.fit", fitFile(t)[:9], "file_cut_off"},
		"cut-off GPX":             {"a.gpx", gpxFile(t)[:3000], "file_cut_off"},
		"cut off before the root": {"a.gpx", []byte("<?xml version='1.0'?><gp"), "file_cut_off"},
		"cut-off TCX":             {"a.tcx", tcxFile(t)[:3000], "file_cut_off"},
		"cut-off gzip":            {"a.gpx.gz", gz(t, gpxFile(t))[:500], "file_cut_off"},
		"damaged gzip":            {"a.gz", []byte("\x1f\x8b\x08 and then something else"), "file_damaged"},
		"a web page":              {"a.gpx", []byte("<!DOCTYPE html><html><body>Sign in</body></html>"), "file_unknown_format"},
		"KML":                     {"a.kml", []byte("<kml></kml>"), "file_unknown_format"},
		"other XML":               {"a.xml", []byte("<workout></workout>"), "file_unknown_format"},
		"JSON":                    {"a.json", []byte(`{"a":1}`), "file_unknown_format"},
		"a picture":               {"a.jpg", []byte("\xff\xd8\xff\xe0 and so on"), "file_unknown_format"},
		"something as FIT":        {"a.fit", []byte("something else, and long enough for a header"), "file_unknown_format"},
		"gzip in gzip":            {"a.gz", gz(t, gz(t, gpxFile(t))), "archive_nested"},
		"zip in gzip":             {"a.gz", gz(t, zipped(t, member{"a.gpx", gpxFile(t)})), "archive_nested"},
	} {
		got := outcomes(c.file, c.data, files.Limits{})
		if want := []string{c.file + ": " + c.want}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestArchives(t *testing.T) {
	ok := gpxFile(t)
	var many []member
	for i := range 501 {
		many = append(many, member{fmt.Sprint(i, ".gpx"), []byte("x")})
	}
	for name, c := range map[string]struct {
		data []byte
		want []string
	}{
		"several": {zipped(t, member{"a.gpx", ok}, member{"sub/b.tcx", tcxFile(t)}, member{"c.fit.gz", gz(t, fitFile(t))}), []string{"a.gpx: ok", "sub/b.tcx: ok", "c.fit.gz: ok"}},
		"one refused doesn't hold up the others": {zipped(t, member{"a.gpx", nil}, member{"b.txt", []byte("hello")}, member{"c.gpx", ok}),
			[]string{"a.gpx: file_empty", "b.txt: file_unknown_format", "c.gpx: ok"}},
		"what systems add":  {zipped(t, member{"x/", nil}, member{"__MACOSX/._a.gpx", []byte("x")}, member{".DS_Store", []byte("x")}, member{"x/a.gpx", ok}), []string{"x/a.gpx: ok"}},
		"nothing":           {zipped(t), []string{"up.zip: archive_empty"}},
		"only folders":      {zipped(t, member{"x/", nil}), []string{"up.zip: archive_empty"}},
		"nested":            {zipped(t, member{"in.zip", zipped(t, member{"a.gpx", ok})}, member{"b.gpx", ok}), []string{"in.zip: archive_nested", "b.gpx: ok"}},
		"too many":          {zipped(t, many...), []string{"up.zip: archive_too_big"}},
		"cut off":           {zipped(t, member{"a.gpx", ok})[:500], []string{"up.zip: archive_damaged"}},
		"not a bulk export": {zipped(t, member{"activities.csv", []byte("a,b,c,d\n1,2,3,4\n")}, member{"a.gpx", ok}), []string{"activities.csv: file_unknown_format", "a.gpx: ok"}},
	} {
		if got := outcomes("up.zip", c.data, files.Limits{}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestEncryptedAndUnknownPacking(t *testing.T) {
	plain := zipped(t, member{"a.gpx", gpxFile(t)})
	patch := func(offsetLocal, offsetCentral int, value byte) []byte {
		data := slices.Clone(plain)
		data[offsetLocal] = value
		data[bytes.Index(data, []byte("PK\x01\x02"))+offsetCentral] = value
		return data
	}
	if got := outcomes("up.zip", patch(6, 8, 9), files.Limits{}); !slices.Equal(got, []string{"a.gpx: archive_encrypted"}) {
		t.Error(got)
	}
	if got := outcomes("up.zip", patch(8, 10, 14), files.Limits{}); !slices.Equal(got, []string{"a.gpx: archive_damaged"}) {
		t.Error(got)
	}
}

func TestBombsStopEarly(t *testing.T) {
	flat := make([]byte, 20<<20)
	small := member{"a.gpx", gpxFile(t)}
	for name, c := range map[string]struct {
		file string
		data []byte
		l    files.Limits
		want []string
	}{
		"gzip":               {"a.gz", gz(t, flat), files.Limits{}, []string{"a.gz: archive_bomb"}},
		"zip stops":          {"up.zip", zipped(t, small, member{"bomb.fit", flat}, small), files.Limits{}, []string{"a.gpx: ok", "bomb.fit: archive_bomb"}},
		"gzip within zip":    {"up.zip", zipped(t, member{"bomb.gz", gz(t, flat)}, small), files.Limits{}, []string{"bomb.gz: archive_bomb"}},
		"a file too large":   {"a.gpx", gpxFile(t), files.Limits{MaxFile: 1000}, []string{"a.gpx: file_too_large"}},
		"unpacked too large": {"a.gz", gz(t, gpxFile(t)), files.Limits{MaxFile: 5000}, []string{"a.gz: file_too_large"}},
		"a member too large": {"up.zip", zipped(t, small, small), files.Limits{MaxFile: 5000}, []string{"a.gpx: file_too_large", "a.gpx: file_too_large"}},
		"the whole too large": {"up.zip", zipped(t, small, small, small), files.Limits{MaxUnpacked: int64(len(small.data)*2 + 100)},
			[]string{"a.gpx: ok", "a.gpx: ok", "a.gpx: archive_bomb"}},
	} {
		if got := outcomes(c.file, c.data, c.l); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestOverlappingMembersAreBounded(t *testing.T) {
	// Every entry of the list points at the same packed bytes: each is harmless, all together aren't.
	one := zipped(t, member{"0.fit", make([]byte, 1<<20)})
	at := bytes.Index(one, []byte("PK\x01\x02"))
	end := bytes.Index(one, []byte("PK\x05\x06"))
	entry := one[at:end]
	data := slices.Clone(one[:at])
	const n = 400
	for range n {
		data = append(data, entry...)
	}
	tail := slices.Clone(one[end:])
	size := len(entry) * n
	tail[8], tail[9], tail[10], tail[11] = n&0xff, n>>8, n&0xff, n>>8
	tail[12], tail[13], tail[14], tail[15] = byte(size), byte(size>>8), byte(size>>16), 0
	got := outcomes("up.zip", append(data, tail...), files.Limits{})
	if len(got) >= n || !strings.HasSuffix(got[len(got)-1], "archive_bomb") {
		t.Errorf("%d of %d members were unpacked, then %s", len(got), n, got[len(got)-1])
	}
}

func TestAnEndlessListOfContentsIsNotRead(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range 200 { // few enough files, but 12 MB of names
		if _, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i) + strings.Repeat("x", 60_000)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := outcomes("up.zip", b.Bytes(), files.Limits{}); !slices.Equal(got, []string{"up.zip: archive_too_big"}) {
		t.Error(got)
	}
}

func TestBulkExport(t *testing.T) {
	csv := "\xef\xbb\xbfAktivitäts-ID,Datum,Name,Typ,Beschreibung,Zeit,Distanz,Puls,Aufwand,Arbeitsweg,Notiz,Ausrüstung,Dateiname\n" +
		"11,\"15.06.2025, 10:00\",\"Feierabend, lang\",Trail Run,,1,2,3,4,false,,,activities/1.gpx\n" +
		"12,15.06.2025,Mit Hand,Schwimmen,,1,2,,,,,,\n" +
		"13,15.06.2025,,Radfahrt,,1,2,3,4,false,,,activities/2.fit.gz\n" +
		"14,15.06.2025,Fort,Ride,,1,2,3,4,false,,,activities/3.tcx.gz\n"
	members := []member{
		{"export/activities/2.fit.gz", gz(t, fitFile(t))}, {"export/media/a.jpg", []byte("x")}, {"export/profile.csv", []byte("x")},
		{"export/activities.csv", []byte(csv)}, {"export/activities/1.gpx", gpxFile(t)}, {"export/activities/9.gpx", gpxFile(t)},
	}
	for i := range 600 { // more files than an ordinary archive may have
		members = append(members, member{fmt.Sprint("export/media/", i, ".jpg"), nil})
	}
	items := slices.Collect(files.Open("export_1.zip", zipped(t, members...), files.Limits{Now: now}))
	if len(items) != 3 {
		t.Fatalf("%d items", len(items))
	}
	a, b, c := items[0], items[1], items[2]
	if a.Err != nil || a.ExternalID != "11" || a.Summary.Name != "Feierabend, lang" || a.Summary.Type != sport.TrailRun || a.File != "export/activities/1.gpx" {
		t.Errorf("%v %s %+v", a.Err, a.ExternalID, a.Summary)
	}
	if b.Err != nil || b.ExternalID != "13" || b.Summary.Type != sport.Ride || len(b.Data) != len(fitFile(t)) {
		t.Errorf("%v %s %+v", b.Err, b.ExternalID, b.Summary)
	}
	if code(c.Err) != "archive_file_missing" || c.ExternalID != "14" {
		t.Errorf("%v %s", c.Err, c.ExternalID)
	}
}

func TestTheCallerMayStop(t *testing.T) {
	data := zipped(t, member{"a.gpx", gpxFile(t)}, member{"b.gpx", gpxFile(t)})
	n := 0
	for range files.Open("up.zip", data, files.Limits{Now: now}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d items", n)
	}
}

func TestEveryRefusalHasItsOwnWords(t *testing.T) {
	seen := map[string]string{}
	for name, data := range map[string][]byte{
		"empty": nil, "page": []byte("<html></html>"), "kml": []byte("<kml/>"), "picture": []byte("\x89PNG\r\n"), "rar": []byte("Rar!\x1a\x07"),
		"cut-off": gpxFile(t)[:2000], "zeros": make([]byte, 100), "text": []byte("hello"), "json": []byte("{}"), "named.fit": []byte("something that isn't FIT"),
	} {
		for item := range files.Open(name, data, files.Limits{Now: now}) {
			if item.Err == nil {
				t.Fatalf("%s was taken", name)
			}
			if other, twice := seen[item.Err.Error()]; twice {
				t.Errorf("%s and %s are told the same: %v", name, other, item.Err)
			}
			seen[item.Err.Error()] = name
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("a.zip", zipped(f, member{"a.gpx", gpxFile(f)[:600]}, member{"b.fit.gz", gz(f, fitFile(f)[:200])}))
	f.Add("a.gz", gz(f, []byte("<gpx></gpx>")))
	f.Add("e.zip", zipped(f, member{"activities.csv", []byte("1,2,3,Ride,activities/1.gpx\n")}, member{"activities/1.gpx", []byte("<gpx/>")}))
	f.Add("a.fit", fitFile(f)[:300])
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		n := 0
		for item := range files.Open(name, data, files.Limits{Now: now, MaxFile: 1 << 20}) {
			if n++; item.Err == nil && len(item.Recording.Track) < 2 {
				t.Fatal("neither an activity nor a refusal")
			}
			if item.Err != nil && code(item.Err) == "" {
				t.Fatalf("an error without words: %v", item.Err)
			}
		}
		if n == 0 {
			t.Fatal("nothing was said of the file")
		}
	})
}
