package competitors

import (
	"fmt"
	"math"
	"strings"
	"time"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// judge says why a performance doesn't count, in words that name the particulars; nil when it does.
func (s State) judge(r Rules, a Activity, p Performance) *refusal.Error {
	for _, rule := range []func(Rules, Activity, Performance) *refusal.Error{
		s.whoCompetes, whatCounts, s.notFlagged, whenItCounts, whatItBrings,
	} {
		if why := rule(r, a, p); why != nil {
			return why
		}
	}
	return nil
}

func (s State) whoCompetes(r Rules, _ Activity, _ Performance) *refusal.Error {
	switch {
	case r.ChallengeStatus == sport.Cancelled:
		return ErrChallengeCancelled
	case r.Status == sport.Deleted:
		return ErrStageDeleted
	case s.Excluded && s.Reason != "":
		return ErrExcluded.Because("You were excluded from this challenge: " + s.Reason)
	case s.Excluded:
		return ErrExcluded
	case !s.Competing:
		return ErrNotCompeting.Because("You are not in this challenge.")
	}
	return nil
}

func whatCounts(r Rules, a Activity, _ Performance) *refusal.Error {
	switch {
	case !sport.AnyType(r.Included, a.Type):
		return ErrActivityType.Because(fmt.Sprintf("%s activities don't count in this challenge (%s do).", a.Type.Label(), labels(r.Included)))
	case a.Private && !r.AllowPrivate:
		return ErrPrivate
	case a.Manual:
		return ErrManual
	}
	return nil
}

func labels(types []sport.ActivityType) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = t.Label()
	}
	return strings.Join(words, ", ")
}

// notFlagged knows an effort again by its time, not its id: brought once more as another activity it is still the same,
// and on another segment the same lap of the same activity is not.
func (s State) notFlagged(r Rules, _ Activity, p Performance) *refusal.Error {
	for _, f := range s.flagged {
		if f.StageID == r.StageID && f.overlaps(p) {
			return ErrFlaggedEarlier.Because("The organiser has taken this effort out: " + f.reason)
		}
	}
	return nil
}

// overlaps says whether the two share at least half of the shorter one. Laps that follow each other share a moment.
func (p Performance) overlaps(o Performance) bool {
	from, to := p.StartUTC, p.FinishedAt()
	if o.StartUTC.After(from) {
		from = o.StartUTC
	}
	if end := o.FinishedAt(); end.Before(to) {
		to = end
	}
	shared, shorter := to.Sub(from).Milliseconds(), min(p.ElapsedMs, o.ElapsedMs)
	return shared >= 0 && 2*shared >= shorter
}

// whenItCounts goes by the start of the whole activity, by the athlete's own clock.
func whenItCounts(r Rules, a Activity, p Performance) *refusal.Error {
	start := a.StartLocal
	if start.IsZero() {
		start = p.StartLocal
	}
	switch {
	case start.Before(r.Window.Start):
		return ErrOutsideWindow.Because(fmt.Sprintf("This activity started on %s, before the stage opened on %s.", moment(start), moment(r.Window.Start)))
	case start.After(r.Window.End):
		return ErrOutsideWindow.Because(fmt.Sprintf("This activity started on %s, after the stage closed on %s.", moment(start), moment(r.Window.End)))
	case r.Status == sport.Approved:
		return ErrStageApproved
	case r.Status != sport.Active && r.Status != sport.Past:
		return ErrStageNotStarted
	}
	return whatIsAdmitted(r, a, p)
}

// whatIsAdmitted are the times that the challenge's scoring declares: those of the week, by the start of the effort
// itself, and those for uploads.
func whatIsAdmitted(r Rules, a Activity, p Performance) *refusal.Error {
	if !r.Admission.Open(p.StartLocal) {
		return ErrOutsideHours.Because(fmt.Sprintf("This effort started on %s. Only those count that start at these times: %s.",
			p.StartLocal.AsUTC().Format("Monday 2 January 2006 at 15:04:05"), r.Admission.HoursWords()))
	}
	deadline := r.Closes.Add(time.Duration(r.Admission.UploadHours) * time.Hour)
	if r.Admission.UploadHours > 0 && !r.Closes.IsZero() && a.BroughtAt.After(deadline) {
		return ErrUploadedLate.Because(fmt.Sprintf("This activity came on %s (UTC). Those of this stage had to be there by %s, %d hours after its end.",
			a.BroughtAt.UTC().Format("2 January 2006 at 15:04:05"), deadline.UTC().Format("2 January 2006 at 15:04:05"), r.Admission.UploadHours))
	}
	return nil
}

func whatItBrings(r Rules, _ Activity, p Performance) *refusal.Error {
	const tolerance = 0.5 // metres: distances are rounded on their way
	if r.Type == sport.RaceStage && !(p.DistanceM >= r.Goal-tolerance) {
		return ErrTooShort.Because(fmt.Sprintf("The race goes over %s, and this activity covers %s of it.", kilometres(r.Goal), kilometres(p.DistanceM)))
	}
	if p.value(r.Type.RankedBy()) > 0 {
		return nil
	}
	switch r.Type.RankedBy() {
	case sport.Distance:
		return ErrNothingMeasured.Because("This activity has no distance to count.")
	case sport.ElevationGain:
		return ErrNothingMeasured.Because("This activity has no elevation gain to count.")
	case sport.MovingTime, sport.ElapsedTime:
		return ErrNothingMeasured.Because("This activity has no time to count.")
	}
	return ErrNothingMeasured
}

// forOrganiser puts a refusal at the field of an entry by hand that it is about, in words for who enters it: the rules speak
// to the athlete.
func (s State) forOrganiser(r Rules, why *refusal.Error) *refusal.Error {
	at := *why
	switch why.Code {
	case ErrNotCompeting.Code:
		at.Field, at.Detail = "athleteId", ErrNotCompeting.Detail
	case ErrExcluded.Code:
		at.Field, at.Detail = "athleteId", "This athlete was excluded from the challenge: "+s.Reason
	case ErrTooManyAttempts.Code:
		at.Field, at.Detail = "athleteId", fmt.Sprintf("This athlete has used up the attempts on the stage: %d count.", r.Admission.MaxAttempts)
	case ErrFlaggedEarlier.Code:
		at.Field = "startLocal"
	case ErrActivityType.Code:
		at.Field = "activityType"
	case ErrOutsideWindow.Code, ErrOutsideHours.Code:
		at.Field, at.Detail = "startLocal", strings.Replace(why.Detail, "This activity", "This effort", 1)
	case ErrTooShort.Code:
		at.Field = "distance"
	case ErrNothingMeasured.Code:
		at.Field = map[sport.Measure]string{sport.Distance: "distance", sport.ElevationGain: "elevationGain", sport.MovingTime: "movingTime",
			sport.ElapsedTime: "elapsedTime"}[r.Type.RankedBy()]
		at.Detail = map[string]string{"distance": "Say how far it went.", "elevationGain": "Say how much was climbed.", "movingTime": "Say how long the moving time was."}[at.Field]
		if at.Detail == "" {
			at.Detail = why.Detail
		}
	}
	if at.Field != "" {
		at.Kind = refusal.Invalid
	}
	return &at
}

func moment(l sport.Local) string { return l.AsUTC().Format("2 January 2006 at 15:04:05") }

// kilometres is rounded down, so that what is too short never looks long enough.
func kilometres(metres float64) string {
	return fmt.Sprintf("%.2f km", math.Floor(metres/10)/100)
}
