package web

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
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
		StartFixed: st.Status != sport.Upcoming, Adjustments: adjustmentOptions(st.Adjustment), Hidden: st.Hidden}
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

// editStage changes what differs, each by its own command; what is refused is said at its field, and the rest stands.
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

func (s *Server) changeStage(r *http.Request, who reader, c readmodel.Challenge, st readmodel.Stage, d challenges.StageDefinition) error {
	head := stages.Head{ID: st.ID, By: who.Actor, Now: now()}
	bad := []error{s.send(r.Context(), stages.Describe{Head: head, Name: d.Name, Description: d.Description, Type: d.Type})}
	if st.Type.OnSegment() {
		if d.Window.Start.IsZero() {
			d.Window.Start = st.StartLocal
		}
		if d.Window.End.IsZero() {
			d.Window.End = st.EndLocal
		}
		if !d.Window.Start.Equal(st.StartLocal) || !d.Window.End.Equal(st.EndLocal) {
			bad = append(bad, s.send(r.Context(), challenges.RescheduleStage{Head: challenges.Head{ID: c.ID, By: who.Actor, Now: now()}, StageID: st.ID, Window: d.Window}))
		}
		if d.Adjustment != st.Adjustment {
			bad = append(bad, s.send(r.Context(), stages.AdjustPoints{Head: head, Adjustment: d.Adjustment}))
		}
		if d.SegmentID != st.SegmentID {
			bad = append(bad, s.changeSegment(r, who, head, d.SegmentID))
		}
	}
	return errors.Join(bad...)
}

// changeSegment takes segments alone that the organiser may see.
func (s *Server) changeSegment(r *http.Request, who reader, head stages.Head, segment uuid.UUID) error {
	_, err := s.segmentFor(r, who, segment.String())
	if errors.Is(err, readmodel.ErrNoSegment) {
		return stages.ErrSegmentMissing
	}
	if err != nil {
		return err
	}
	return s.sendAndMatch(r.Context(), stages.ChangeSegment{Head: head, SegmentID: segment})
}
