package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSettings(w, r, http.StatusOK, pages.SettingsView{})
}

// showSettings fills in what isn't given.
func (s *Server) showSettings(w http.ResponseWriter, r *http.Request, status int, v pages.SettingsView) error {
	by := viewer(r)
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, by.AthleteID)
	if err != nil {
		return err
	}
	if v.Profile.Problems == nil {
		v.Profile = profileFormOf(athlete)
	}
	if v.Email, err = s.Accounts.EmailOf(r.Context(), by.AthleteID); err != nil {
		return err
	}
	v.Avatar.Action, v.Avatar.Name, v.Avatar.Image = "/settings/avatar", athlete.Name, athlete.Avatar.URL(avatars.Large)
	zone := zoneOf(athlete.TimeZone)
	tokens, err := s.Accounts.Tokens(r.Context(), by.AthleteID)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		v.Tokens = append(v.Tokens, tokenView(t, zone))
	}
	sessions, err := s.Accounts.Sessions(r.Context(), by.AthleteID)
	if err != nil {
		return err
	}
	for _, x := range sessions {
		v.Sessions = append(v.Sessions, sessionView(x, zone))
	}
	v.Others = len(sessions) > 1
	off, err := readmodel.NotificationsOff(r.Context(), s.Pool, by.AthleteID)
	if err != nil {
		return err
	}
	v.Mails = mailOptions(off)
	return s.render(w, r, status, layout.Page{Title: "Settings", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Settings(p, v) })
}

func profileFormOf(a readmodel.Athlete) pages.ProfileForm {
	f := pages.ProfileForm{FirstName: a.FirstName, LastName: a.LastName, Gender: string(a.Gender), Town: a.Town, Country: a.Country,
		Units: string(a.Units), TimeZone: a.TimeZone, Visibility: string(a.Visibility)}
	if a.BirthYear != 0 {
		f.BirthYear = strconv.Itoa(a.BirthYear)
	}
	return f
}

func tokenView(t auth.Token, zone *time.Location) pages.TokenView {
	v := pages.TokenView{ID: t.ID.String(), Name: t.Name, Created: "made on " + format.Date(t.CreatedAt, zone), Used: "never used"}
	if t.LastUsedAt != nil {
		v.Used = "last used " + format.DateTime(*t.LastUsedAt, zone)
	}
	return v
}

func sessionView(x auth.Session, zone *time.Location) pages.SessionView {
	return pages.SessionView{ID: x.ID.String(), Device: deviceWords(x.UserAgent), Since: format.Date(x.SignedInAt, zone),
		Seen: format.DateTime(x.SeenAt, zone), Current: x.Current}
}

// deviceWords guesses browser and system from how a browser names itself: "Firefox on Android". The order matters, because
// most name others too.
func deviceWords(agent string) string {
	pick := func(pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	browser := pick("Edg", "Edge", "OPR/", "Opera", "Firefox", "Firefox", "FxiOS", "Firefox", "CriOS", "Chrome", "Chrome", "Chrome", "Safari", "Safari")
	system := pick("iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS", "Mac", "CrOS", "ChromeOS", "Linux", "Linux")
	switch {
	case browser == "" && system == "":
		return "Another program"
	case browser == "":
		return "A browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func (s *Server) changeProfile(w http.ResponseWriter, r *http.Request) error {
	by := viewer(r)
	form := pages.ProfileFormOf(r.PostFormValue)
	profile, err := profileOf(form)
	if err == nil {
		err = s.send(r.Context(), athletes.ChangeProfile{Head: athletes.Head{ID: by.AthleteID, By: by, Now: now()}, Profile: profile})
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		form.Problems = said
		return s.showSettings(w, r, http.StatusUnprocessableEntity, pages.SettingsView{Profile: form, Errors: said.summary(pages.ProfileFields...)})
	}
	return s.done(w, r, "/settings", "Saved.")
}

// createToken answers with the page itself: the secret is shown once and kept nowhere, so there is no page to lead on to.
func (s *Server) createToken(w http.ResponseWriter, r *http.Request) error {
	name := r.PostFormValue("name")
	token, secret, err := s.Accounts.CreateToken(r.Context(), viewer(r).AthleteID, name)
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		return s.showSettings(w, r, http.StatusUnprocessableEntity, pages.SettingsView{TokenName: name, TokenError: said["name"], Errors: said.summary("name")})
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.showSettings(w, r, http.StatusOK, pages.SettingsView{NewToken: secret, NewTokenName: token.Name})
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, auth.ErrNotFound)
	if err == nil {
		err = s.Accounts.RevokeToken(r.Context(), viewer(r).AthleteID, id)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings#tokens", "The token works no more.")
}

func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, auth.ErrNotFound)
	if err == nil {
		err = s.Accounts.EndSession(r.Context(), viewer(r).AthleteID, id)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings#sessions", "Signed out there.")
}

func (s *Server) endOtherSessions(w http.ResponseWriter, r *http.Request) error {
	n, err := s.Accounts.EndOtherSessions(r.Context(), viewer(r).AthleteID)
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings#sessions", "Signed out in "+format.Count(n, "other place", "other places")+".")
}

// setTheme keeps the choice in the browser, for visitors too.
func (s *Server) setTheme(w http.ResponseWriter, r *http.Request) error {
	cookie := http.Cookie{Name: "theme", Value: r.PostFormValue("theme"), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.BaseURL, "https://")}
	if cookie.Value != "light" && cookie.Value != "dark" {
		cookie.Value, cookie.MaxAge = "", -1 // the system's
	}
	http.SetCookie(w, &cookie)
	return s.done(w, r, auth.SafeNext(r.PostFormValue("back")), "")
}
