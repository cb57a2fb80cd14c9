// Package live pushes what changes to those who watch it. One Hub a node.
//
//	log ─► Hub.follow ─► room (one watched Topic) ─► wait for the read models ─► Render, once
//	                                                                               │ the same bytes
//	                                        socket ◄─ slot (newest wins) ◄─────────┤
//	                                        socket ◄─ slot ◄───────────────────────┘
//
// A room exists while somebody watches its topic. The first change is sent at once, then at most ten a second: what comes
// in between is covered by one read. Each socket has a slot for one frame; a watcher that is slow finds the newest there
// and has skipped the others, so it holds nobody up. A frame has a version, and a socket that comes back with ?since= gets
// a frame only if there is a newer one, so it misses nothing and is sent nothing twice.
//
// A topic is a stage's board in one category, or the feed of a challenge, a stage, an athlete. A page has one socket, which
// can watch several topics; each has a slot of its own.
//
// The hub knows no pages: Options.Render gives a topic's bytes, Options.Lookup finds the topic behind the API's names.
package live
