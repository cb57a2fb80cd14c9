package web

import (
	"context"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// feedItems is how much of a feed a page shows, and a live update carries.
const feedItems = 20

// readFeed reads a page of a feed; address is that of the feed's own page, where older items are.
func (s *Server) readFeed(ctx context.Context, q readmodel.FeedQuery, id string, inChallenge uuid.UUID, address string, units sport.Units) (parts.FeedView, error) {
	q.Limit = feedItems
	items, next, err := readmodel.Feed(ctx, s.Pool, q)
	v := feedOf(items, id, inChallenge, units)
	v.Personal = id == ownFeed
	if next != "" {
		v.More = address + "?before=" + url.QueryEscape(next)
	}
	return v, err
}

func (s *Server) challengeFeed(ctx context.Context, c readmodel.Challenge, who reader, before string) (parts.FeedView, error) {
	return s.readFeed(ctx, readmodel.FeedQuery{Viewer: who.Actor, ChallengeID: c.ID, Before: before}, c.ID.String(), c.ID, challengeURL(c)+"/feed", who.units)
}

func (s *Server) stageFeed(ctx context.Context, stage readmodel.Stage, who reader, before string) (parts.FeedView, error) {
	return s.readFeed(ctx, readmodel.FeedQuery{Viewer: who.Actor, StageID: stage.ID, Before: before}, stage.ID.String(), stage.ChallengeID, stageURL(stage)+"/feed", who.units)
}

// athleteFeed of one's own holds what others aren't told, so it isn't the same element as the one that everybody is sent.
func (s *Server) athleteFeed(ctx context.Context, a readmodel.Athlete, who reader, before string) (parts.FeedView, error) {
	id := a.ID.String()
	if who.Is(a.ID) {
		id = ownFeed
	}
	v, err := s.readFeed(ctx, readmodel.FeedQuery{Viewer: who.Actor, AthleteID: a.ID, Before: before}, id, uuid.Nil, "/athletes/"+a.ID.String()+"/feed", who.units)
	for i := range v.Items {
		v.Items[i].Name = "" // the page has their picture already
	}
	return v, err
}

// dashboardFeed is of all that concerns the reader.
func (s *Server) dashboardFeed(ctx context.Context, who reader, before string) (parts.FeedView, error) {
	return s.readFeed(ctx, readmodel.FeedQuery{Viewer: who.Actor, Dashboard: true, Before: before}, ownFeed, uuid.Nil, "/dashboard/feed", who.units)
}

// ownFeed names the feed of who looks.
const ownFeed = "own"

// feedOf writes a feed. In one place is what the page is about, which its sentences needn't name: the challenge's id on its
// own page, uuid.Nil on pages about several.
func feedOf(items []readmodel.FeedItem, id string, inChallenge uuid.UUID, units sport.Units) parts.FeedView {
	v := parts.FeedView{ID: parts.FeedID(id), Empty: ui.EmptyView{Icon: "message-square", Title: "Nothing has happened yet",
		Text: "Who joins, who rides and who takes whose place is told here."}}
	at := now()
	for _, i := range items {
		t := feedTale{FeedItem: i, units: units, alone: inChallenge != uuid.Nil}
		v.Version = max(v.Version, i.Position)
		v.Items = append(v.Items, parts.FeedItemView{ID: strconv.FormatInt(i.Position, 10) + "-" + strconv.Itoa(i.Ordinal),
			Kind: feedKind(i), Sentence: t.sentence(), Detail: t.detail(), Name: t.face(), Avatar: i.AthleteAvatar.URL(avatars.Small), Now: at, At: i.Time})
	}
	return v
}

var feedKinds = map[readmodel.FeedType]string{
	readmodel.FeedChallengeCreated: "created", readmodel.FeedChallengeHosted: "created", readmodel.FeedChallengeStarted: "started",
	readmodel.FeedChallengeEnded: "finished", readmodel.FeedChallengeCancelled: "lost", readmodel.FeedChallengeApproved: "approved",
	readmodel.FeedChallengePublished: "published", readmodel.FeedStageRevealed: "started", readmodel.FeedStageStarted: "started",
	readmodel.FeedStageEnded: "finished", readmodel.FeedStageApproved: "approved", readmodel.FeedStagePublished: "published",
	readmodel.FeedStageWon: "finished", readmodel.FeedJoined: "joined", readmodel.FeedLeft: "left", readmodel.FeedExcluded: "flagged",
	readmodel.FeedLimited: "flagged", readmodel.FeedAllowed: "approved", readmodel.FeedRecorded: "recorded",
	readmodel.FeedAttempted: "attempted", readmodel.FeedLed: "gained", readmodel.FeedLostPlace: "lost",
	readmodel.FeedClassificationWon: "finished", readmodel.FeedGoalReached: "goal", readmodel.FeedGoalAchieved: "goal",
	readmodel.FeedEffortRemoved: "flagged", readmodel.FeedEffortFlagged: "flagged",
}

func feedKind(i readmodel.FeedItem) string {
	if i.Type == readmodel.FeedRecorded && i.Data.From > i.Data.To {
		return "gained"
	}
	return feedKinds[i.Type]
}

// feedTale tells one item.
type feedTale struct {
	readmodel.FeedItem
	units sport.Units
	alone bool // the page is about the one challenge
}

func (t feedTale) who() parts.Piece {
	return parts.Piece{Text: nameOr(t.AthleteName), URL: profileURL(t.AthleteID, t.AthleteDeleted), Strong: true}
}

// face is whose picture stands beside the item; "" where it is about nobody, or about one who has gone.
func (t feedTale) face() string {
	if t.AthleteDeleted {
		return ""
	}
	return t.AthleteName
}

func (t feedTale) other() parts.Piece {
	return parts.Piece{Text: nameOr(t.OtherName), URL: profileURL(t.OtherID, t.OtherDeleted), Strong: true}
}

func (t feedTale) stage() parts.Piece {
	return parts.Piece{Text: t.StageName, URL: "/challenges/" + t.ChallengeSlug + "/stages/" + t.StageSlug}
}

func (t feedTale) challenge() parts.Piece {
	if t.alone {
		return say("the challenge")
	}
	return parts.Piece{Text: t.ChallengeName, URL: "/challenges/" + t.ChallengeSlug}
}

// place names the stage, and on pages about several challenges which one it belongs to.
func (t feedTale) place() []parts.Piece {
	if t.alone {
		return []parts.Piece{t.stage()}
	}
	return []parts.Piece{t.stage(), say("in"), t.challenge()}
}

func say(words string) parts.Piece { return parts.Piece{Text: words} }

func tell(first parts.Piece, words string, rest ...parts.Piece) []parts.Piece {
	return append([]parts.Piece{first, say(words)}, rest...)
}

func (t feedTale) sentence() []parts.Piece {
	switch t.Type {
	case readmodel.FeedJoined:
		return tell(t.who(), "joined", t.challenge())
	case readmodel.FeedLeft:
		return tell(t.who(), "left", t.challenge())
	case readmodel.FeedExcluded:
		return tell(t.who(), "was excluded from", t.challenge())
	case readmodel.FeedLimited:
		return tell(t.who(), "scores no points in", t.challenge())
	case readmodel.FeedAllowed:
		return tell(t.who(), "is back in", t.challenge())
	case readmodel.FeedRecorded:
		return tell(t.who(), t.recorded(), t.place()...)
	case readmodel.FeedAttempted:
		return tell(t.who(), "had another go at", t.place()...)
	case readmodel.FeedLed:
		return tell(t.who(), "leads "+string(t.Category)+" on", t.place()...)
	case readmodel.FeedLostPlace:
		words := "on"
		if t.Data.From > 0 {
			words = ", who goes from " + format.Ordinal(t.Data.From) + " to " + format.Ordinal(t.Data.To) + " place on"
		}
		return append(tell(t.other(), "overtook", t.who(), say(words)), t.place()...)
	case readmodel.FeedEffortRemoved:
		return append([]parts.Piece{say("An effort of"), t.who(), say("no longer counts on")}, t.place()...)
	case readmodel.FeedEffortFlagged:
		return append([]parts.Piece{say("The organiser took an effort of"), t.who(), say("out of")}, t.place()...)
	case readmodel.FeedStageWon:
		return tell(t.who(), "wins "+string(t.Category)+" on", t.place()...)
	case readmodel.FeedClassificationWon:
		return tell(t.who(), "wins "+t.Data.Classification+", "+string(t.Category)+", in", t.challenge())
	case readmodel.FeedGoalReached:
		return tell(t.who(), "reached the goal of", t.place()...)
	case readmodel.FeedGoalAchieved:
		return tell(t.who(), "achieved the goal of", t.challenge())
	case readmodel.FeedStageRevealed, readmodel.FeedStageStarted, readmodel.FeedStageEnded, readmodel.FeedStageApproved, readmodel.FeedStagePublished:
		return t.ofStage()
	case readmodel.FeedChallengeCreated, readmodel.FeedChallengeHosted, readmodel.FeedChallengeStarted, readmodel.FeedChallengeEnded,
		readmodel.FeedChallengeCancelled, readmodel.FeedChallengeApproved, readmodel.FeedChallengePublished:
		return t.ofChallenge()
	}
	return []parts.Piece{say(string(t.Type))}
}

func (t feedTale) ofStage() []parts.Piece {
	words := map[readmodel.FeedType]string{
		readmodel.FeedStageRevealed: "is a mystery no longer", readmodel.FeedStageStarted: "has started",
		readmodel.FeedStageEnded: "has ended: results are provisional", readmodel.FeedStageApproved: "is final",
		readmodel.FeedStagePublished: "has words on its results",
	}[t.Type]
	return append(append([]parts.Piece{say("Stage " + format.Number(t.StageNumber) + ",")}, t.place()...), say(words))
}

func (t feedTale) ofChallenge() []parts.Piece {
	c := t.challenge()
	if t.alone {
		c = parts.Piece{Text: "The challenge"}
	}
	words := map[readmodel.FeedType]string{
		readmodel.FeedChallengeCreated: "was created", readmodel.FeedChallengeHosted: "is open: athletes may join",
		readmodel.FeedChallengeStarted: "has started", readmodel.FeedChallengeEnded: "has ended",
		readmodel.FeedChallengeCancelled: "was cancelled", readmodel.FeedChallengeApproved: "is final",
		readmodel.FeedChallengePublished: "has words on its results",
	}[t.Type]
	return tell(c, words)
}

// recorded says what a first or better result was worth.
func (t feedTale) recorded() string {
	switch {
	case t.Data.To == 1 && t.Data.From != 1:
		return "takes the lead on"
	case t.Data.To == 1:
		return "extends the lead on"
	case t.Data.To == 0:
		return "has a result on"
	case t.Data.From == 0:
		return "is new in " + format.Ordinal(t.Data.To) + " place on"
	case t.Data.From > t.Data.To:
		return "moves up from " + format.Ordinal(t.Data.From) + " to " + format.Ordinal(t.Data.To) + " on"
	}
	return "improves in " + format.Ordinal(t.Data.To) + " place on"
}

func (t feedTale) detail() string {
	switch t.Type {
	case readmodel.FeedRecorded, readmodel.FeedAttempted, readmodel.FeedLed, readmodel.FeedGoalReached:
		if t.Data.Value > 0 {
			return valueWords(t.Data.Value, t.StageType.RankedBy(), t.units, false)
		}
	case readmodel.FeedExcluded, readmodel.FeedLimited, readmodel.FeedEffortFlagged, readmodel.FeedEffortRemoved:
		return t.Data.Reason
	case readmodel.FeedChallengeCreated, readmodel.FeedChallengeHosted, readmodel.FeedChallengeStarted, readmodel.FeedChallengeEnded,
		readmodel.FeedChallengeCancelled, readmodel.FeedChallengeApproved, readmodel.FeedChallengePublished, readmodel.FeedStageRevealed,
		readmodel.FeedStageStarted, readmodel.FeedStageEnded, readmodel.FeedStageApproved, readmodel.FeedStagePublished,
		readmodel.FeedStageWon, readmodel.FeedClassificationWon, readmodel.FeedGoalAchieved, readmodel.FeedJoined, readmodel.FeedLeft, readmodel.FeedAllowed, readmodel.FeedLostPlace:
	}
	return ""
}
