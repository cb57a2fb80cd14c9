package sport

import (
	"encoding/json"
	"testing"
)

func TestHoursHold(t *testing.T) {
	evening := Hours{Days: []string{"tue", "thu"}, From: 18 * 60, To: 21*60 + 30}
	night := Hours{Days: []string{"fri"}, From: 22 * 60, To: 2 * 60}
	cases := []struct {
		name  string
		hours Hours
		at    string // 4 May 2026 is a Monday
		want  bool
	}{
		{"at the first minute", evening, "2026-05-05T18:00:00", true},
		{"a second before", evening, "2026-05-05T17:59:59", false},
		{"a second before the end", evening, "2026-05-07T21:29:59", true},
		{"at the end no more", evening, "2026-05-07T21:30:00", false},
		{"another day", evening, "2026-05-06T19:00:00", false},
		{"over midnight, before it", night, "2026-05-08T23:59:59", true},
		{"over midnight, after it", night, "2026-05-09T01:59:59", true},
		{"over midnight, after the night before", night, "2026-05-08T01:00:00", false},
		{"a whole day", Hours{Days: []string{"sun"}}, "2026-05-10T00:00:00", true},
		{"a whole day, not the next", Hours{Days: []string{"sun"}}, "2026-05-11T00:00:00", false},
		{"every day", Hours{From: 6 * 60, To: 7 * 60}, "2026-05-06T06:30:00", true},
	}
	for _, c := range cases {
		at, err := ParseLocal(c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.hours.Hold(at); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if got := (Admission{Hours: []Hours{night, c.hours}}).Open(at); !got && c.want {
			t.Errorf("%s: not open", c.name)
		}
	}
	if !(Admission{}).Open(Local{}) {
		t.Error("without hours it isn't always open")
	}
}

func TestAdmissionIsStoredAsPeopleWriteIt(t *testing.T) {
	a := Admission{Hours: []Hours{{Days: []string{"sat"}, From: 485, To: 720}}, MaxAttempts: 3, UploadHours: 24}
	data, err := json.Marshal(a)
	const want = `{"hours":[{"days":["sat"],"from":"08:05","to":"12:00"}],"maxAttempts":3,"uploadHours":24}`
	if err != nil || string(data) != want {
		t.Fatalf("%s, %v", data, err)
	}
	var back Admission
	if err := json.Unmarshal(data, &back); err != nil || back.Hours[0].From != 485 || len(a.Check()) != 0 {
		t.Errorf("%+v, %v, %v", back, err, a.Check())
	}
	if err := json.Unmarshal([]byte(`{"hours":[{"from":"25:00","to":"26:00"}]}`), &back); err == nil {
		t.Error("25:00 was taken for a time of day")
	}
	for _, bad := range []Admission{{Hours: []Hours{{Days: []string{"someday"}}}}, {Hours: []Hours{{From: -1}}}, {Hours: make([]Hours, 21)},
		{MaxAttempts: -1}, {MaxAttempts: 1001}, {UploadHours: -1}, {UploadHours: 73}} {
		if len(bad.Check()) == 0 {
			t.Errorf("%+v is taken", bad)
		}
	}
}

func TestParseHours(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "sat sun 08:00-12:00": "sat sun 08:00-12:00", " Sat, Sun 8:00–12:00 \r\n\n18:00-21:30": "sat sun 08:00-12:00|18:00-21:30", "wed": "wed", "22:00-02:00": "22:00-02:00",
	} {
		all, err := ParseHours(text)
		words := ""
		for i, h := range all {
			if i > 0 {
				words += "|"
			}
			words += h.String()
		}
		if err != nil || words != want {
			t.Errorf("%q is %q, %v", text, words, err)
		}
	}
	for _, text := range []string{"someday", "sat 25:00-26:00", "08:00-12:00 sat", "08:00", "sat 8-12"} {
		if all, err := ParseHours(text); err == nil {
			t.Errorf("%q was taken for %v", text, all)
		}
	}
}
