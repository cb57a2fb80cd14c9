// Package notices has the rules of what athletes are told by e-mail, and when. All pure.
//
//	event ─ Of ─► Notice, due at a moment ─ merged with one that waits (Merge)
//	                      │ when it is due
//	                      ▼
//	               Judge: is it still wanted, still true, not too old? ─► what is left to tell
//
// Package notify keeps notices in its outbox, looks up the facts that Judge asks for, and writes and sends the letters.
package notices
