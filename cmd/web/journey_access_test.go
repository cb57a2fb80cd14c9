package main

import (
	"strings"

	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

// shownPage is an address, and who sees it.
type shownPage struct {
	name, path string
	who        *webtest.Athlete // nil: a visitor
}

// everyPage: what shuts people out is looked for on every page, on phones and desks, light and dark; and without script
// each has its words.
func everyPage(j journey) {
	pages := allPages(j.Season())
	calm, plain := browsertest.Options{Calm: true, Expect: []string{"404", "403"}}, browsertest.Options{NoScript: true, Expect: []string{"404", "403"}}
	readers := map[*webtest.Athlete][2]*browsertest.Reader{}
	for _, p := range pages {
		r, ok := readers[p.who]
		if !ok {
			r = [2]*browsertest.Reader{j.reader(calm, p.who), j.reader(plain, p.who)}
			readers[p.who] = r
		}
		r[0].Go(p.path)
		r[0].LookAllRound(p.name)
		r[1].Go(p.path)
		if !browsertest.Value[bool](j, r[1].Tab, `document.querySelectorAll("main h1").length === 1 && document.title.length > 5 && document.querySelector("main").innerText.length > 40`) {
			j.Errorf("%s has little to read without script: %s", p.name, r[1].Text())
		}
	}
	wayIn(j)
}

// wayIn are the pages that only somebody on the way in sees.
func wayIn(j journey) {
	j.Helper()
	r := j.reader(browsertest.Options{Calm: true}, nil)
	r.Go("/sign-in")
	r.Type("E-mail address", newAddress("Joke"))
	r.Press("Send me a link")
	r.Sees("Look into your mail")
	r.LookAllRound("sign-in, sent")
	r.Press("open its mailbox")
	r.At("/dev/mailbox")
	r.LookAllRound("mailbox")
	r.Press(r.Site + "/sign-in/link")
	r.At("/sign-in/link")
	r.LookAllRound("sign-in link")
	r.Press("Sign in as")
	r.At("/register")
	r.LookAllRound("register")
}

func allPages(v webtest.Season) []shownPage {
	challenge, desk := challengePath(v.Challenge), challengePath(v.Challenge)+"/organise"
	club, segment := "/clubs/"+v.Club.Slug, "/segments/"+v.Segments[0].ID.String()
	past, active, mystery := stagePath(v.Past), stagePath(v.Active), stagePath(v.Mystery)
	ride, missed := "/activities/"+v.Private.ID.String(), "/activities/"+v.Missed.ID.String()
	var out []shownPage
	add := func(who *webtest.Athlete, paths ...string) {
		for _, path := range paths {
			name := strings.NewReplacer(v.Challenge.Slug, "CHALLENGE", v.Club.Slug, "CLUB").Replace(path)
			if who != nil {
				name += " for " + who.Name
			}
			out = append(out, shownPage{name, path, who})
		}
	}
	add(nil, "/", "/challenges", "/challenges?status=past", challenge, challenge+"/feed", challenge+"/competitors", past, active, mystery, "/segments",
		segment, "/clubs", club, "/athletes/"+v.Ana.ID.String(), "/athletes/"+v.Chloe.ID.String(), "/activities/"+v.Twice.ID.String(), "/api", "/sign-in", "/nowhere")
	add(&v.Ana, "/", "/dashboard", "/upload", "/settings", "/settings/delete", challenge, challenge+"#leave", active+"?athlete="+v.Bram.ID.String(), past, ride, ride+"/edit",
		club, segment, desk)
	add(&v.Dirk, "/dashboard", "/upload", missed, active)
	add(&v.Stranger, "/dashboard", "/upload", challenge+"#join")
	add(&v.Organiser, desk, desk+"?show=athletes", desk+"?show=efforts", desk+"?show=settings", desk+"#f-cancel", challenge+"/stages/new",
		challenge+"/stages/new?segment="+v.Segments[1].ID.String(), stagePath(v.Next)+"/edit", mystery, club+"/edit", club+"/members", "/clubs/new", "/segments/new",
		"/challenges/new")
	return out
}
