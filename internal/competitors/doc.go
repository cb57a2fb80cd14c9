// Package competitors is the aggregate Competitor: one athlete in one challenge, with all of their efforts there.
//
// It protects: only who competes has efforts that count; each effort is judged once by the rules of its stage, with the
// reason in words where it doesn't count; what is flagged stays out for good; and the athlete's standing on every stage
// is at any time the best (or the sum) of what is accepted.
//
//	            Join               Limit
//	(none) ───────────▶ competing ◀──────▶ limited (ranked, scores no points)
//	   │  ▲              │     │    Allow     │
//	   │  │     Join     │     │ Leave        │ Leave
//	   │  └── (may join  ◀─────┴───── left ◀──┘
//	   │       again)    │
//	   │                 ▼ Exclude (from anywhere)
//	   └────────────▶ excluded ──Allow──▶ (may join again)
//
// Efforts are a matter apart: RecordEfforts says all that an activity holds for a stage, and what changed follows.
//
//	(found) ──▶ held (a part went unrecorded) ──AcceptEffort──▶ accepted, ──RejectEffort──▶ rejected: never again
//	   │
//	   ├──────▶ accepted ──▶ removed (left, activity changed or deleted, segment changed …) ──▶ may be found again
//	   │            └──────▶ flagged (by the organiser): never again
//	   └──▶ refused, with the reason ──▶ may be found again
//
// What a scoring scheme admits (hours of the week, the first attempts, uploads in time) is judged with the other rules;
// whichever order rides come in, the same ones count.
//
// One stream per athlete and challenge is small and never contends with others; who is before whom, the boards know.
package competitors
