package web

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
)

// stageToEdit is the stage of the address, for who runs its challenge.
func (s *Server) stageToEdit(r *http.Request) (readmodel.Challenge, readmodel.Stage, reader, error) {
	who, err := s.reader(r)
	if err != nil {
		return readmodel.Challenge{}, readmodel.Stage{}, who, err
	}
	c, err := s.runChallenge(r, who)
	if err != nil {
		return c, readmodel.Stage{}, who, err
	}
	st, err := readmodel.StageBySlug(r.Context(), s.Pool, who.Actor, c.ID, chi.URLParam(r, "stage"))
	return c, st, who, err
}

func stageFormOf(c readmodel.Challenge, st readmodel.Stage) pages.StageFormView {
	action := stageURL(st) + "/edit"
	return pages.StageFormView{Crumbs: stageCrumbs(c, st.Name), Title: "Edit stage " + format.Number(st.Number), Lead: st.Name + ".",
		OnSegment: st.Type.OnSegment(), Action: action, PickURL: action + "?pick=yes", Cancel: organiseURL(c), WindowHelp: windowHelp(c),
		Name: st.Name, Description: st.Description, Types: stageTypeCards(st.Type), Start: typedMinute(st.StartLocal), End: typedMinute(st.EndLocal),
		StartFixed: st.Status != sport.Upcoming, Adjustments: adjustmentOptions(st.Adjustment), Hidden: st.Hidden && !st.Revealed}
}

func (s *Server) editStagePage(w http.ResponseWriter, r *http.Request) error {
	c, st, who, err := s.stageToEdit(r)
	if err != nil {
		return err
	}
	v, segment := stageFormOf(c, st), st.SegmentID
	if r.URL.Query().Has("pick") {
		return s.pickSegment(w, r, who, v, "")
	}
	if chosen := r.URL.Query().Get("segment"); chosen != "" {
		seg, err := s.segmentFor(r, who, chosen)
		if errors.Is(err, readmodel.ErrNoSegment) {
			return s.pickSegment(w, r, who, v, readmodel.ErrNoSegment.Detail)
		}
		if err != nil {
			return err
		}
		segment = seg.ID
	}
	return s.showStageForm(w, r, http.StatusOK, who, v, segment)
}

// editStage changes what differs, all of it or nothing; what is refused is said at its field.
func (s *Server) editStage(w http.ResponseWriter, r *http.Request) error {
	c, st, who, err := s.stageToEdit(r)
	if err != nil {
		return err
	}
	was := sport.Window{Start: st.StartLocal, End: st.EndLocal}
	d, err := stageDefinitionOf(formOf(r), c, was)
	if !st.Type.OnSegment() {
		d.Type = st.Type
	}
	if err == nil {
		err = s.changeStage(r, who, c, st, d)
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		return s.showStageForm(w, r, http.StatusUnprocessableEntity, who, typedStage(formOf(r), stageFormOf(c, st), d, said), d.SegmentID)
	}
	return s.done(w, r, organiseURL(c)+"#stages", "Saved.")
}

// changeStage sends what differs as one change of the stage, and with it the window, which its challenge holds.
func (s *Server) changeStage(r *http.Request, who reader, c readmodel.Challenge, st readmodel.Stage, d challenges.StageDefinition) error {
	edit := stages.Edit{Head: stages.Head{ID: st.ID, By: who.Actor, Now: now()}, Name: &d.Name, Description: &d.Description, Type: &d.Type}
	cmds := []dispatch.Command{edit}
	if st.Type.OnSegment() {
		if d.Adjustment != st.Adjustment {
			edit.Adjustment = &d.Adjustment
		}
		if st.Status == sport.Upcoming {
			edit.Hidden = &d.Hidden
		}
		if d.SegmentID != st.SegmentID {
			if err := s.mayUse(r, who, d.SegmentID); err != nil {
				return err
			}
			edit.SegmentID = &d.SegmentID
		}
		cmds[0] = edit
		w := d.Window
		if !w.Start.IsZero() && !w.Start.Equal(st.StartLocal) || !w.End.IsZero() && !w.End.Equal(st.EndLocal) {
			cmds = append(cmds, challenges.RescheduleStage{Head: challenges.Head{ID: c.ID, By: who.Actor, Now: now()}, StageID: st.ID, Window: w})
		}
	}
	return s.sendAll(r.Context(), cmds...)
}

// mayUse lets segments alone pass that the organiser may see.
func (s *Server) mayUse(r *http.Request, who reader, segment uuid.UUID) error {
	_, err := s.segmentFor(r, who, segment.String())
	if errors.Is(err, readmodel.ErrNoSegment) {
		return stages.ErrSegmentMissing
	}
	return err
}
