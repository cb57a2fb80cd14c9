package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// organise does what a button or form of the desk asks for.
func (s *Server) organise(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.runChallenge(r, who)
	if err != nil {
		return err
	}
	action, head := chi.URLParam(r, "action"), challenges.Head{ID: c.ID, By: who.Actor, Now: now()}
	show, form := "", action
	cmd, words := lifeCommand(action, head, r.PostFormValue("message"))
	if cmd == nil {
		show, form = "settings", "settings"
		cmd, words, err = s.settingsCommand(r, c, action, head)
	}
	if cmd == nil && err == nil {
		return errNoAction
	}
	if err == nil {
		err = s.sendAndMatch(r.Context(), cmd)
	}
	if err != nil && action == "approve" {
		return s.refuseFinish(w, r, who, err)
	}
	if err != nil {
		return s.refuseDesk(w, r, who, show, form, err)
	}
	after, err := readmodel.ChallengeByID(r.Context(), s.Pool, who.Actor, c.ID) // a renamed draft has another address
	if err != nil {
		return err
	}
	to := organiseURL(after)
	if show != "" {
		to += "?show=" + show
	}
	return s.done(w, r, to, words)
}

// lifeCommand is the step in a challenge's life that a word stands for, and the sentence for when it's taken.
func lifeCommand(word string, head challenges.Head, message string) (dispatch.Command, string) {
	switch word {
	case "host":
		return challenges.Host{Head: head}, "It's open: pass its address on."
	case "start":
		return challenges.Start{Head: head}, "It has started."
	case "end":
		return challenges.End{Head: head}, "It has ended."
	case "cancel":
		return challenges.Cancel{Head: head}, "It is cancelled."
	case "approve":
		return challenges.Approve{Head: head, Message: message}, "The results are final."
	case "publish":
		return challenges.Publish{Head: head, Message: message}, "The message is published."
	case "reopen":
		return challenges.Reopen{Head: head, Reason: message}, "The results can be corrected."
	}
	return nil, ""
}

// settingsCommand is the change that a form of the settings asks for; nil for a word that means nothing.
func (s *Server) settingsCommand(r *http.Request, c readmodel.Challenge, word string, head challenges.Head) (dispatch.Command, string, error) {
	if err := r.ParseForm(); err != nil {
		return nil, "", err
	}
	switch word {
	case "rename":
		cmd := challenges.Rename{Head: head, Name: r.PostFormValue("name")}
		if c.Status != sport.Pending {
			return cmd, "Renamed.", nil
		}
		var err error
		cmd.Slug, err = slugs.ReserveSlug(r.Context(), s.Pool, "challenge", cmd.Name, c.ID)
		return cmd, "Renamed.", err
	case "describe":
		return challenges.Describe{Head: head, Description: r.PostFormValue("description")}, "Saved.", nil
	case "dates":
		start, badStart := localStart("startLocal", r.PostFormValue("startLocal"), c.StartLocal)
		end, badEnd := localEnd("endLocal", r.PostFormValue("endLocal"), c.EndLocal)
		return challenges.AdjustWindow{Head: head, Window: sport.Window{Start: start, End: end}}, "Moved.", errors.Join(badStart, badEnd)
	case "types":
		return challenges.AdjustActivityTypes{Head: head, Types: chosenTypes(r.PostForm, "includedActivityTypes")}, "Saved. The rides are judged anew.", nil
	}
	return nil, "", nil
}

// refuseDesk shows the part of the desk that a form belongs to again, as the challenge stands now, with the words.
func (s *Server) refuseDesk(w http.ResponseWriter, r *http.Request, who reader, show, form string, err error) error {
	said, ok := problemsOf(err)
	if !ok {
		return err
	}
	c, err := s.runChallenge(r, who)
	if err != nil {
		return err
	}
	return s.showDesk(w, r, http.StatusUnprocessableEntity, who, c, show, refused{form: form, typed: r.PostForm, said: said})
}

// stageCommand is the step in a stage's life that a word stands for.
func stageCommand(word string, st readmodel.Stage, by challenges.Head, message string) (dispatch.Command, string) {
	head := stages.Head{ID: st.ID, By: by.By, Now: by.Now}
	switch word {
	case "reveal":
		return stages.Reveal{Head: head}, st.Name + " is no secret any more."
	case "start":
		return stages.Start{Head: head}, st.Name + " has started."
	case "end":
		return stages.End{Head: head}, st.Name + " has ended."
	case "approve":
		return stages.Approve{Head: head, Message: message}, "The results of " + st.Name + " are final."
	case "publish":
		return stages.Publish{Head: head, Message: message}, "The message is published."
	case "reopen":
		return stages.Reopen{Head: head, Reason: message}, "The results of " + st.Name + " can be corrected."
	case "delete":
		return challenges.RemoveStage{Head: by, StageID: st.ID}, st.Name + " is gone from the plan."
	}
	return nil, ""
}

func (s *Server) organiseStage(w http.ResponseWriter, r *http.Request) error {
	c, st, who, err := s.stageToEdit(r)
	if err != nil {
		return err
	}
	word := chi.URLParam(r, "action")
	cmd, words := stageCommand(word, st, challenges.Head{ID: c.ID, By: who.Actor, Now: now()}, r.PostFormValue("message"))
	if cmd == nil {
		return errNoAction
	}
	if err := s.sendAndMatch(r.Context(), cmd); err != nil {
		if said, ok := problemsOf(err); ok && word == "approve" && mayApprove(st) {
			return s.showApprove(w, r, http.StatusUnprocessableEntity, c, st, who, refused{form: stageKey(st, word), typed: r.PostForm, said: said})
		}
		if errors.Is(err, stages.ErrAlreadyApproved) && strings.TrimSpace(r.PostFormValue("message")) != "" {
			word = "publish" // somebody was faster: the message can still be sent
		}
		return s.refuseDesk(w, r, who, "", stageKey(st, word), err)
	}
	return s.done(w, r, organiseURL(c)+"#stages", words)
}

// policeCompetitor limits, excludes or allows somebody, or adjusts their points.
func (s *Server) policeCompetitor(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.runChallenge(r, who)
	if err != nil {
		return err
	}
	athlete, err := pathID(r, readmodel.ErrNoAthlete)
	if err != nil {
		return err
	}
	competitor, known, err := readmodel.CompetitorOf(r.Context(), s.Pool, c.ID, athlete)
	if err != nil || !known {
		return errors.Join(err, notFoundUnless(known))
	}
	head, reason := competitors.Head{ChallengeID: c.ID, AthleteID: athlete, By: who.Actor, Now: now()}, r.PostFormValue("reason")
	var cmd dispatch.Command
	var words string
	switch chi.URLParam(r, "action") {
	case "limit":
		cmd, words = competitors.Limit{Head: head, Reason: reason}, "Limited: ranked, but without points."
	case "exclude":
		cmd, words = competitors.Exclude{Head: head, Reason: reason}, "Excluded."
	case "allow":
		cmd, words = competitors.Allow{Head: head}, "Allowed again."
	case "adjust":
		return s.adjustPoints(w, r, c, competitor, who)
	default:
		return errNoAction
	}
	if err := s.sendAndMatch(r.Context(), cmd); err != nil {
		return s.refuseDesk(w, r, who, "athletes", athlete.String(), err)
	}
	return s.done(w, r, organiseURL(c)+"?show=athletes#athlete-"+athlete.String(), words)
}

func notFoundUnless(known bool) error {
	if known {
		return nil
	}
	return refusal.Of(refusal.NotFound, "competitor_not_found", "This athlete isn't in the challenge.")
}

// flagEffort takes an effort out for good.
func (s *Server) flagEffort(w http.ResponseWriter, r *http.Request) error {
	c, st, who, err := s.stageToEdit(r)
	if err != nil {
		return err
	}
	e, err := s.effortOn(r, st)
	if err != nil {
		return err
	}
	id := e.ID
	err = s.send(r.Context(), competitors.FlagEffort{Head: competitors.Head{ChallengeID: c.ID, AthleteID: e.AthleteID, By: who.Actor, Now: now()},
		Rules: competitors.Rules{StageID: st.ID}, EffortID: id, Reason: r.PostFormValue("reason")})
	if err != nil {
		r.URL.RawQuery = url.Values{"stage": {st.Slug}}.Encode()
		return s.refuseDesk(w, r, who, "efforts", id.String(), err)
	}
	return s.done(w, r, organiseURL(c)+"?show=efforts&stage="+st.Slug+"#effort-"+id.String(), "The effort is out.")
}
