package activities

import "segmentchallenge/internal/refusal"

// Why a file isn't taken. Decoders may say more by Because; the code stays.
var (
	ErrFileEmpty = refusal.Of(refusal.Malformed, "file_empty",
		"This file is empty.")
	ErrFileCutOff = refusal.Of(refusal.Malformed, "file_cut_off",
		"This file ends in the middle: it wasn't saved or sent completely. Export it again and bring the whole file.")
	ErrFileDamaged = refusal.Of(refusal.Malformed, "file_damaged",
		"This file is damaged and can't be read. Export it again.")
	ErrUnknownFormat = refusal.Of(refusal.Malformed, "file_unknown_format",
		"This isn't an activity file. FIT, GPX and TCX files are taken, also gzipped or in a zip archive.")
	ErrFileTooLarge = refusal.Of(refusal.TooLarge, "file_too_large",
		"This file is too large.")

	ErrArchiveDamaged = refusal.Of(refusal.Malformed, "archive_damaged",
		"This archive is damaged and can't be opened.")
	ErrArchiveEmpty = refusal.Of(refusal.Malformed, "archive_empty",
		"There is no file in this archive.")
	ErrArchiveEncrypted = refusal.Of(refusal.Malformed, "archive_encrypted",
		"This archive is locked with a password. Pack it without one.")
	ErrArchiveNested = refusal.Of(refusal.Malformed, "archive_nested",
		"This is an archive within an archive. Unpack it and bring what is inside.")
	ErrArchiveFileMissing = refusal.Of(refusal.Malformed, "archive_file_missing",
		"The archive's list names this file, but it isn't in the archive.")
	ErrArchiveTooBig = refusal.Of(refusal.TooLarge, "archive_too_big",
		"There are more files in this archive than are taken at once. Bring it in parts.")
	ErrArchiveBomb = refusal.Of(refusal.TooLarge, "archive_bomb",
		"This archive unpacks to far more than an activity can hold, so it wasn't opened.")

	ErrNoTimes = refusal.New("activity_without_times",
		"This file has no times, so nobody can say how fast it was ridden. It can make a segment, but not an activity.")
	ErrTooShort = refusal.New("activity_too_short",
		"There are fewer than two timed points in this file: nothing was recorded.")
	ErrTooManyPoints = refusal.New("too_many_points",
		"This track has more than 200,000 points, which is more than 55 hours at one a second. Split it, or record less often.")
	ErrTimeRunsBackwards = refusal.New("time_runs_backwards",
		"The times in this track run backwards, so it can't be timed.")

	ErrFITNotActivity = refusal.New("fit_not_an_activity",
		"This FIT file isn't an activity.")
	ErrTCXNotActivity = refusal.New("tcx_not_an_activity",
		"There is no activity in this TCX file.")
	ErrGPXWithoutTrack = refusal.New("gpx_without_track",
		"There is no track in this GPX file.")
	ErrLineTooShort = refusal.New("line_without_points",
		"There is no line in this file: it needs a track or a route of at least two different points.")
)
