package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// challengeCalendar is the stages as an iCalendar file (RFC 5545), to be imported or subscribed to.
func (s *Server) challengeCalendar(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	who.Actor.Admin, who.Actor.AthleteID = false, [16]byte{} // a calendar is handed on: it tells what everybody may know
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	send(w, "text/calendar; charset=utf-8", c.Slug+".ics", []byte(calendarOf(c, s.BaseURL, now())))
	return nil
}

// calendarOf has an event for each stage, with a reminder a day before its end.
func calendarOf(c readmodel.Challenge, base string, at time.Time) string {
	var b calendar
	b.line("BEGIN:VCALENDAR")
	b.line("VERSION:2.0")
	b.line("PRODID:-//Segment Challenge//EN")
	b.text("X-WR-CALNAME", c.Name)
	for _, s := range c.Stages {
		if s.Status == sport.Deleted {
			continue
		}
		b.line("BEGIN:VEVENT")
		b.line("UID:" + s.ID.String() + "@segment-challenge")
		b.line("DTSTAMP:" + stamp(at))
		b.line("DTSTART:" + stamp(s.StartAt))
		b.line("DTEND:" + stamp(s.EndAt))
		b.text("SUMMARY", fmt.Sprintf("%s: stage %d, %s", c.Name, s.Number, stageName(s)))
		if s.SegmentSecret {
			b.line("URL:" + base + challengeURL(c))
		} else {
			b.line("URL:" + base + stageURL(s))
		}
		b.line("TRANSP:TRANSPARENT")
		b.line("BEGIN:VALARM")
		b.line("ACTION:DISPLAY")
		b.text("DESCRIPTION", fmt.Sprintf("Stage %d of %s ends in a day", s.Number, c.Name))
		b.line("TRIGGER;RELATED=END:-P1D")
		b.line("END:VALARM")
		b.line("END:VEVENT")
	}
	b.line("END:VCALENDAR")
	return b.String()
}

func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// calendar writes content lines: CRLF at their end, folded at 75 bytes without cutting a letter.
type calendar struct{ strings.Builder }

var calendarText = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`, "\r", "")

func (b *calendar) text(name, value string) { b.line(name + ":" + calendarText.Replace(value)) }

func (b *calendar) line(s string) {
	for limit := 75; len(s) > limit; limit = 74 { // a folded line begins with a space
		cut := limit
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		b.WriteString(s[:cut] + "\r\n ")
		s = s[cut:]
	}
	b.WriteString(s + "\r\n")
}
