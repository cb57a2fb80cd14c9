// Package activities holds what athletes bring: tracks, what is read off them, and the aggregate that records an activity.
//
// A file becomes an activity in three steps, all pure:
//
//	bytes → files.Open → Recording → Clean → Summarise
//
// The folders gpx, tcx and fit turn bytes into a Recording as the device wrote it, files opens archives and picks the
// decoder by content, Clean sorts and mends the track or refuses it in words, and Summarise and BestEffort read figures
// off it. Track.Encode is how a track is stored; simulate makes rides with known truths for tests and for the demo.
package activities
