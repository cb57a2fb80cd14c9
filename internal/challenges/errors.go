package challenges

import "segmentchallenge/internal/refusal"

// Who may not.
var (
	ErrSignIn       = refusal.Of(refusal.Forbidden, "sign_in_required", "Please sign in first.")
	ErrNotOrganiser = refusal.Of(refusal.Forbidden, "not_the_organiser", "Only the organiser of this challenge can do that.")
	ErrNotClub      = refusal.Of(refusal.Forbidden, "not_a_club_member", "Only members of a club can create challenges for it.")
)

// What the challenge's stage of life doesn't allow.
var (
	ErrNotFound        = refusal.Of(refusal.NotFound, "challenge_not_found", "There is no such challenge.")
	ErrExists          = refusal.Of(refusal.Conflict, "challenge_exists", "There is a challenge with this id already.")
	ErrAlreadyHosted   = refusal.New("challenge_already_hosted", "This challenge has been hosted already.")
	ErrNotHosted       = refusal.New("challenge_not_hosted", "This challenge has not been hosted yet.")
	ErrAlreadyActive   = refusal.New("challenge_already_active", "This challenge has started already.")
	ErrNotActive       = refusal.New("challenge_not_active", "This challenge is not under way.")
	ErrNotDue          = refusal.New("challenge_not_due", "It is not time for that yet.")
	ErrNotOver         = refusal.New("challenge_not_over", "This challenge has not ended yet.")
	ErrOver            = refusal.New("challenge_over", "This challenge is over.")
	ErrCancelled       = refusal.New("challenge_cancelled", "This challenge was cancelled.")
	ErrAlreadyApproved = refusal.New("challenge_already_approved", "The results of this challenge have been approved already.")
	ErrNotApproved     = refusal.New("challenge_not_approved", "The results of this challenge have not been approved yet.")
	ErrStagesOpen      = refusal.New("stages_not_approved", "Approve the results of every stage first.")
	ErrNoStages        = refusal.New("stages_missing", "A challenge needs at least one stage before it can be hosted.")
	ErrEndUncovered    = refusal.New("last_stage_ends_early", "The last stage must end when the challenge ends.")
)

// What a definition can't be.
var (
	ErrTypeUnknown       = refusal.Field("type", "challenge_type_unknown", "A challenge is of type segment, distance, duration, elevation or race.")
	ErrSlugMissing       = refusal.Field("name", "slug_missing", "This name can't be made into an address. Use some letters or digits.")
	ErrStartMissing      = refusal.Field("startLocal", "start_missing", "Say when it starts.")
	ErrEndMissing        = refusal.Field("endLocal", "end_missing", "Say when it ends.")
	ErrEndsFirst         = refusal.Field("endLocal", "ends_before_it_starts", "The end must come after the start.")
	ErrEndPast           = refusal.Field("endLocal", "end_in_the_past", "The end must be in the future.")
	ErrStartFixed        = refusal.Field("startLocal", "start_is_over", "It has started already, so its start can't be moved.")
	ErrZoneUnknown       = refusal.Field("timeZone", "time_zone_unknown", "There is no such time zone. Give a name like Europe/Amsterdam.")
	ErrClubMissing       = refusal.Field("clubId", "club_missing", "Say which club's members may take part.")
	ErrResultFixed       = refusal.Field("scoring.result", "stage_result_fixed", "How efforts become a result can't be changed once the challenge is hosted.")
	ErrAdmissionFixed    = refusal.Field("scoring.admission", "admission_fixed", "Which efforts count can't be changed once the challenge has started.")
	ErrScoringReason     = refusal.Field("reason", "reason_missing", "Results have been approved already, so say why the scoring changes: everybody reads it.")
	ErrActivityType      = refusal.Field("includedActivityTypes", "activity_type_unknown", "One of these activity types is not known.")
	ErrCategory          = refusal.Field("categories", "category_unknown", "One of these categories is not known.")
	ErrTooManyCategories = refusal.Field("categories", "too_many_categories", "A challenge can have at most 30 categories.")
	ErrAccumulate        = refusal.Field("accumulateActivities", "accumulate_not_possible", "Times over a set course don't add up: only distance, duration and elevation challenges can accumulate activities.")
	ErrGoalMissing       = refusal.Field("goal", "goal_missing", "Say over which distance the race goes.")
	ErrGoalUnused        = refusal.Field("goal", "goal_not_possible", "A segment challenge has no goal.")
	ErrGoalNotPositive   = refusal.Field("goal", "goal_not_positive", "The goal must be more than zero.")
	ErrGoalTooLarge      = refusal.Field("goal", "goal_too_large", "Nobody gets that far: a goal is at most a million kilometres, or 31 years.")
	ErrGoalUnits         = refusal.Field("goal", "goal_units_unknown", "The goal's units must be metres, kilometres, feet or miles; for a duration seconds, minutes, hours or days.")
	ErrGoalRecurrence    = refusal.Field("goal", "goal_recurrence_unknown", "A goal recurs every day, week or month, or not at all.")
	ErrRaceRecurs        = refusal.Field("goal", "race_goal_recurs", "A race is one stage: its goal can't recur.")
	ErrTooManyStages     = refusal.New("too_many_stages", "A challenge can have at most 400 stages.")
	ErrResultsEmpty      = refusal.Field("message", "message_missing", "Write a message.")
	ErrStageType         = refusal.Field("type", "stage_type_unknown", "A stage of a segment challenge is mountain, rolling or flat.")
	ErrSegmentMissing    = refusal.Field("segmentId", "segment_missing", "Say which segment the stage is ridden over.")
	ErrPointsAdjustment  = refusal.Field("pointsAdjustment", "points_adjustment_unknown", "The points adjustment is none, double, queen or preview.")
)

// What a stage's slot doesn't allow.
var (
	ErrStageNotFound   = refusal.Of(refusal.NotFound, "stage_not_found", "There is no such stage in this challenge.")
	ErrStagesGenerated = refusal.New("stages_follow_goal", "The stages of this challenge follow from its dates and its goal, so they can't be changed one by one.")
	ErrStageOutside    = refusal.Field("startLocal", "stage_outside_challenge", "The stage must lie within the challenge.")
	ErrStageOverlaps   = refusal.Field("startLocal", "stages_overlap", "Stages may not overlap.")
	ErrNoRoom          = refusal.Field("startLocal", "no_room_for_stage", "There is no time left in the challenge for another stage. Let an earlier stage end sooner first.")
	ErrStageStarted    = refusal.New("stage_already_started", "This stage has started already.")
	ErrStageOver       = refusal.New("stage_over", "This stage is over.")
	ErrOnlyStage       = refusal.New("only_stage", "A hosted challenge needs at least one stage.")
)
