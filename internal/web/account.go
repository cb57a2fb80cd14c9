package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/registration"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// accountRoutes are signing in, registering and signing out.
func (s *Server) accountRoutes(r chi.Router) {
	r.Get("/sign-in", s.page(s.signInPage))
	r.With(s.signInLimit()).Post("/sign-in", s.page(s.requestLink))
	r.Get(auth.LinkPath, s.page(s.linkPage))
	r.With(s.signInLimit()).Post(auth.LinkPath, s.page(s.redeemLink))
	r.Get("/register", s.page(s.registerPage))
	r.Post("/register", s.page(s.register))
	r.Post("/sign-out", s.page(s.signOut))
}

// askToSignIn leads a visitor to the sign-in page, and back afterwards.
func (s *Server) askToSignIn(w http.ResponseWriter, r *http.Request) error {
	next := r.URL.RequestURI()
	if r.Method != http.MethodGet {
		next = "/dashboard"
		if from, err := url.Parse(r.Referer()); err == nil && from.Path != "" {
			next = from.RequestURI() // the page with the form; its address is all we keep of it
		}
	}
	http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(auth.SafeNext(next)), http.StatusSeeOther)
	return nil
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	if viewer(r).SignedIn() {
		return s.done(w, r, "/dashboard", "")
	}
	return s.showSignIn(w, r, http.StatusOK, pages.SignInView{Next: auth.SafeNext(r.URL.Query().Get("next"))})
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request, status int, v pages.SignInView) error {
	return s.render(w, r, status, layout.Page{Title: "Sign in", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.SignIn(p, v) })
}

func (s *Server) requestLink(w http.ResponseWriter, r *http.Request) error {
	v := pages.SignInView{Email: strings.TrimSpace(r.FormValue("email")), Next: auth.SafeNext(r.FormValue("next"))}
	if err := s.Accounts.RequestLink(r.Context(), v.Email, v.Next); err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		v.EmailError, v.Errors = said["email"], said.summary("email")
		return s.showSignIn(w, r, http.StatusUnprocessableEntity, v)
	}
	v.Sent, v.DevMailbox = true, s.Mailbox != nil
	return s.showSignIn(w, r, http.StatusOK, v)
}

// linkPage shows a button rather than signing in at once: mail scanners open links, and would use them up.
func (s *Server) linkPage(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	email, err := s.Accounts.PeekLink(r.Context(), token)
	if err != nil {
		return s.deadLink(w, r, err)
	}
	return s.render(w, r, http.StatusOK, layout.Page{Title: "Sign in", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Link(p, pages.LinkView{Email: email, Token: token}) })
}

// deadLink says why a link doesn't work, above the form that sends a new one.
func (s *Server) deadLink(w http.ResponseWriter, r *http.Request, err error) error {
	said, ok := problemsOf(err)
	if !ok {
		said = problems{"": auth.ErrLinkUnknown.Detail}
	}
	return s.showSignIn(w, r, http.StatusUnprocessableEntity, pages.SignInView{Next: "/dashboard", Errors: said.summary()})
}

func (s *Server) redeemLink(w http.ResponseWriter, r *http.Request) error {
	redeemed, err := s.Accounts.Redeem(r.Context(), r.FormValue("token"))
	if err != nil {
		return s.deadLink(w, r, err)
	}
	if err := s.Accounts.Enter(r, redeemed); err != nil {
		return err
	}
	if !redeemed.Claimed {
		return s.done(w, r, "/register?next="+url.QueryEscape(redeemed.Next), "")
	}
	return s.done(w, r, redeemed.Next, "")
}

func (s *Server) registerPage(w http.ResponseWriter, r *http.Request) error {
	who, pending := s.Accounts.Pending(r.Context())
	if !pending {
		return s.done(w, r, "/sign-in", "")
	}
	return s.showRegister(w, r, http.StatusOK, pages.RegisterView{Email: who.Email, Next: auth.SafeNext(r.URL.Query().Get("next")),
		Profile: pages.ProfileForm{Units: string(sport.Metric)}})
}

func (s *Server) showRegister(w http.ResponseWriter, r *http.Request, status int, v pages.RegisterView) error {
	return s.render(w, r, status, layout.Page{Title: "Register", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Register(p, v) })
}

func (s *Server) register(w http.ResponseWriter, r *http.Request) error {
	who, pending := s.Accounts.Pending(r.Context())
	if !pending {
		return s.done(w, r, "/sign-in", "Your sign-in has run out. Ask for a new link; it takes a minute.")
	}
	form := pages.ProfileFormOf(r.PostFormValue)
	v := pages.RegisterView{Email: who.Email, Next: auth.SafeNext(r.PostFormValue("next")), Profile: form}
	profile, err := profileOf(form)
	if err == nil {
		_, err = registration.Register(r.Context(), s.Accounts, s.Dispatch, who.Email, profile)
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		v.Profile.Problems, v.Errors = said, said.summary(pages.ProfileFields...)
		return s.showRegister(w, r, http.StatusUnprocessableEntity, v)
	}
	if err := s.Accounts.SignIn(r, who.AthleteID); err != nil {
		return err
	}
	return s.done(w, r, v.Next, "Welcome, "+profile.FirstName+"! Join a challenge, ride, and upload the file.")
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.SignOut(r); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// profileOf reads the form's words; what they may be is the athlete aggregate's to say.
func profileOf(f pages.ProfileForm) (athletes.Profile, error) {
	year, err := wholeNumber("birthYear", f.BirthYear)
	return athletes.Profile{FirstName: f.FirstName, LastName: f.LastName, Gender: sport.Gender(f.Gender), BirthYear: year,
		Town: f.Town, Country: f.Country, Units: sport.Units(f.Units), TimeZone: f.TimeZone,
		Visibility: athletes.Visibility(f.Visibility)}, err
}
