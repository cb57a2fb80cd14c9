// Package segments is the aggregate Segment, a line in the library, and the engine that finds who has ridden it. All pure.
//
// The aggregate (commands.go, decide.go, events.go, segment.go) protects the line: once a segment is added its geometry
// never changes, so that an effort means the same for ever.
//
// The engine goes from a line and a track to efforts:
//
//	CutTrack, CutLine, DecodePolyline → Line → Describe → Geometry   what the library shows
//	                                    Line → Prepare → Prepared    warnings for the organiser
//	                                 samples → IndexTrack → TrackIndex
//	                      Prepared, TrackIndex → Match → Result      efforts, and why others don't count
//
// match.go is the method, to be read from top to bottom; result.go what is kept of it, explain.go its words, corridor.go its
// limits. Prepared and TrackIndex are made once and shared: a ride is indexed once for all segments, a segment prepared once
// for all rides.
package segments
