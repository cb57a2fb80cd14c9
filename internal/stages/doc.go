// Package stages is the aggregate Stage: one piece of a challenge with a window of its own.
//
// It protects: a stage starts, ends and is approved once and in this order, by its time or by who may; what is approved
// is final, until it is reopened with a reason. It holds no efforts: those are the competitors', and their order is the boards'.
//
//	         Create            Start             End               Approve
//	        (follows       (by time, early    (by time, early   (in order, or by
//	       its challenge)   or with it)        or with it)       itself in time)
//	(none) ──────▶ upcoming ────────▶ active ────────▶ past ─────────────▶ approved
//	                 │  └──────────────────────────────▲  ▲──────Reopen──── (final)
//	                 │  with its challenge, never begun
//	                 ▼ Delete (follows its challenge)
//	              deleted
//
// While it is past, efforts still come in. Its window is what the challenge planned until it is started or ended early:
// then it opens or closes at that moment.
package stages
