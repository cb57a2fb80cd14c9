package web

import (
	"cmp"
	"slices"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// lives are the states of a challenge in their order.
var lives = []sport.Status{sport.Pending, sport.Upcoming, sport.Active, sport.Past, sport.Approved}

// stepsOf is the life of a challenge as a list of what is done, what is next, and what is to come.
func stepsOf(c readmodel.Challenge) []pages.DeskStep {
	if c.Status == sport.Cancelled {
		return []pages.DeskStep{{State: "done", Title: "Cancelled", Text: "What was ridden stays to be seen. Nothing more will happen."}}
	}
	at := slices.Index(lives, c.Status)
	ready, stagesText := planned(c)
	open := unapproved(c)
	steps := []pages.DeskStep{
		{Title: "Set up", Text: "Name, dates and rules are there. Change them under Settings."},
		{Title: "Plan the stages", Text: stagesText},
		{Title: "Host it", Text: "From then on athletes can find and join it. It starts by itself on " + localMoment(c.StartLocal) + "."},
		{Title: "It starts", Text: "By itself on " + localMoment(c.StartLocal) + ", or earlier if you say so. Stages start and end by themselves, too."},
		{Title: "It ends", Text: "By itself on " + localMoment(c.EndLocal) + ". Rides can still be brought until the results are final."},
		{Title: "Make the stages final", Text: openWords(open)},
		{Title: "Make the challenge final", Text: "Left alone, it is final three days after its end."},
	}
	done := []bool{true, ready, at >= 1, at >= 2, at >= 3, at >= 3 && len(open) == 0, at >= 4}
	next := true
	for i := range steps {
		switch {
		case done[i]:
			steps[i].State, steps[i].Text = "done", ""
		case next:
			steps[i].State, next = "next", false
		default:
			steps[i].State = "later"
		}
	}
	return steps
}

// planned says whether the challenge could be hosted with the stages that it has, and if not, what is missing.
func planned(c readmodel.Challenge) (ready bool, words string) {
	var last readmodel.Stage
	for _, st := range c.Stages {
		if st.Status != sport.Deleted && !st.EndLocal.Before(last.EndLocal) {
			last = st
		}
	}
	switch {
	case last.Number == 0:
		return false, "It needs at least one."
	case c.Type == sport.SegmentChallenge && !last.EndLocal.Equal(c.EndLocal):
		return false, "The last stage must end when the challenge ends: " + last.Name + " ends on " + localMoment(last.EndLocal) + ", the challenge on " +
			localMoment(c.EndLocal) + ". Add another stage, or move one of the two."
	}
	return true, ""
}

// unapproved are the stages whose results aren't final yet, in their order.
func unapproved(c readmodel.Challenge) []readmodel.Stage {
	var open []readmodel.Stage
	for _, st := range c.Stages {
		if st.Status != sport.Approved && st.Status != sport.Deleted {
			open = append(open, st)
		}
	}
	return open
}

func openWords(open []readmodel.Stage) string {
	if len(open) == 0 {
		return ""
	}
	return format.Count(len(open), "stage is", "stages are") + " not final yet. They follow in their order; left alone, each is final three days after its end."
}

func addStageURL(c readmodel.Challenge) string {
	if c.Type != sport.SegmentChallenge || !slices.Contains([]sport.Status{sport.Pending, sport.Upcoming, sport.Active}, c.Status) {
		return ""
	}
	return challengeURL(c) + "/stages/new"
}

// actionsOf are the steps that can be taken with the whole challenge now.
func actionsOf(c readmodel.Challenge, no refused) []pages.DeskAction {
	to := func(word string) string { return organiseURL(c) + "/" + word }
	cancel := pages.DeskAction{Key: "cancel", URL: to("cancel"), Label: "Cancel it", Icon: "ban", Kind: ui.Quiet, Title: "Cancel " + c.Name + "?",
		Text: "Nobody can join or ride any more. What was ridden stays to be seen. This can't be undone.", Confirm: "Cancel the challenge", ForGood: true}
	var out []pages.DeskAction
	switch c.Status {
	case sport.Pending:
		host := pages.DeskAction{Key: "host", URL: to("host"), Label: "Host it", Icon: "flag", Title: "Host " + c.Name + "?",
			Text: "Athletes can find and join it from now on. Its address stays as it is.", Confirm: "Host it"}
		if ready, _ := planned(c); ready {
			host.Kind = ui.Primary
		}
		if !now().Before(c.StartAt) {
			host.Text += " Its start has passed, so it starts at once."
		}
		cancel.Label, cancel.Confirm, cancel.Text = "Give the draft up", "Give it up", "The draft can't be hosted any more. This can't be undone."
		out = append(out, host, cancel)
	case sport.Upcoming:
		out = append(out, pages.DeskAction{Key: "start", URL: to("start"), Label: "Start now", Icon: "play", Title: "Start " + c.Name + " now?",
			Text: "It would start by itself on " + localMoment(c.StartLocal) + ". Its first stage starts with it.", Confirm: "Start now"}, cancel)
	case sport.Active:
		out = append(out, pages.DeskAction{Key: "end", URL: to("end"), Label: "End now", Icon: "flag", Title: "End " + c.Name + " now?",
			Text: "It would end by itself on " + localMoment(c.EndLocal) + ". Stages that haven't begun are over as well.", Confirm: "End now"}, cancel)
	case sport.Past:
		if len(unapproved(c)) == 0 {
			approve := approveAction("approve", to("approve"), c.Name, ui.Primary)
			approve.Page = finishURL(c)
			out = append(out, approve)
		}
	case sport.Approved:
		out = append(out, publishAction("publish", to("publish"), c.Name, c.ResultsMessage), reopenAction("reopen", to("reopen"), c.Name,
			"Its stages stay final until you open those, too."))
	case sport.Cancelled, sport.Deleted:
	}
	return typedInto(out, no)
}

func approveAction(key, url, name string, kind ui.ButtonKind) pages.DeskAction {
	return pages.DeskAction{Key: key, URL: url, Label: "Make final", Icon: "circle-check", Kind: kind, Title: "Make the results of " + name + " final?",
		Text: "Nothing can be added, flagged or taken out any more, and everybody sees that the results are final.", Confirm: "Make final",
		Message: &pages.DeskMessage{Label: "A word on the results"}}
}

// reopenAction takes an approval back. Left alone, the results become final again in three days.
func reopenAction(key, url, name, what string) pages.DeskAction {
	return pages.DeskAction{Key: key, URL: url, Label: "Correct the results", Icon: "rotate-ccw", Kind: ui.Quiet, Title: "Open the results of " + name + " again?",
		Text: what + " Everybody reads why. Left alone, they are final again in three days.", Confirm: "Open again",
		Message: &pages.DeskMessage{Label: "Why", Required: true}}
}

func publishAction(key, url, name, message string) pages.DeskAction {
	label := "Write a message"
	if message != "" {
		label = "Edit the message"
	}
	return pages.DeskAction{Key: key, URL: url, Label: label, Icon: "message-square", Title: "A word on the results of " + name,
		Text: "Everybody reads it above the results.", Confirm: "Publish", Message: &pages.DeskMessage{Label: "Message", Value: message, Required: true}}
}

// typedInto puts back what was typed into the question that was refused.
func typedInto(actions []pages.DeskAction, no refused) []pages.DeskAction {
	for i, a := range actions {
		if a.Key == no.form && a.Message != nil {
			a.Message.Value, a.Message.Error = no.typed.Get("message"), cmp.Or(no.said["message"], no.said["reason"])
			actions[i] = a
		}
	}
	return actions
}

func deskStages(c readmodel.Challenge, who reader, no refused) []pages.DeskStage {
	var out []pages.DeskStage
	for _, st := range c.Stages {
		x := pages.DeskStage{Number: st.Number, Name: st.Name, URL: stageURL(st), Type: string(st.Type), Dates: format.Dates(st.StartAt, st.EndAt, zoneOf(c.TimeZone)),
			States: []string{string(st.Adjustment), stageState(st)}, Actions: typedInto(stageActions(c, st), no)}
		if st.SegmentName != "" {
			x.Facts = append(x.Facts, st.SegmentName, format.Distance(st.Distance, who.units))
		}
		if st.Athletes > 0 {
			x.Facts = append(x.Facts, format.Count(st.Athletes, "athlete", "athletes"))
		}
		if st.Hidden && !st.Revealed && st.Status == sport.Upcoming {
			x.States = append(x.States, "hidden")
		}
		if st.Status != sport.Approved && st.Status != sport.Deleted && c.Status != sport.Cancelled {
			x.EditURL = stageURL(st) + "/edit"
			if takesEfforts(st) == nil {
				x.ResultURL = newEffortURL(st)
			}
		}
		out = append(out, x)
	}
	return out
}

// stageKey tells a step from the others of the page.
func stageKey(st readmodel.Stage, word string) string {
	return "stage-" + format.Number(st.Number) + "-" + word
}

// stageActions are the steps that can be taken with a stage now.
func stageActions(c readmodel.Challenge, st readmodel.Stage) []pages.DeskAction {
	key := func(word string) string { return stageKey(st, word) }
	to := func(word string) string { return stageURL(st) + "/organise/" + word }
	var out []pages.DeskAction
	switch st.Status {
	case sport.Upcoming:
		if c.Status == sport.Active {
			out = append(out, pages.DeskAction{Key: key("start"), URL: to("start"), Label: "Start now", Icon: "play", Title: "Start " + st.Name + " now?",
				Text: "It would start by itself on " + localMoment(st.StartLocal) + ".", Confirm: "Start now"})
		}
		if st.Hidden && !st.Revealed {
			out = append(out, pages.DeskAction{Key: key("reveal"), URL: to("reveal"), Label: "Reveal", Icon: "eye-off", Title: "Reveal the segment of " + st.Name + "?",
				Text: "Everybody sees from now on where it is.", Confirm: "Reveal it"})
		}
		if addStageURL(c) != "" {
			out = append(out, pages.DeskAction{Key: key("delete"), URL: to("delete"), Label: "Delete", Icon: "trash-2", Kind: ui.Quiet, Title: "Delete " + st.Name + "?",
				Text: "The stage is gone from the plan; its segment stays in the library.", Confirm: "Delete the stage", ForGood: true})
		}
	case sport.Active:
		out = append(out, pages.DeskAction{Key: key("end"), URL: to("end"), Label: "End now", Icon: "flag", Title: "End " + st.Name + " now?",
			Text: "It would end by itself on " + localMoment(st.EndLocal) + ". Rides that were made until now can still be brought.", Confirm: "End now"})
	case sport.Past:
		kind := ui.Secondary
		if open := unapproved(c); len(open) > 0 && open[0].ID == st.ID {
			kind = ui.Primary
		}
		approve := approveAction(key("approve"), to("approve"), st.Name, kind)
		approve.Page = approveURL(st)
		out = append(out, approve)
	case sport.Approved:
		out = append(out, publishAction(key("publish"), to("publish"), st.Name, st.ResultsMessage))
		if c.Status != sport.Approved {
			out = append(out, reopenAction(key("reopen"), to("reopen"), st.Name, "Efforts can be flagged, added and brought until you make it final again."))
		}
	case sport.Pending, sport.Cancelled, sport.Deleted:
	}
	return out
}
