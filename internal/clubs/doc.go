// Package clubs is the aggregate Club: who belongs to it and who administers it.
//
// It protects: a club always has an administrator; only administrators say who comes in where the club is private.
//
// A club is there from Create on. An athlete's way through it:
//
//	             Join (public), AddMember                   AppointAdministrator
//	(stranger) ────────────────────────────▶ member ◀──────────────────────▶ administrator
//	    │  ▲                                  ▲   │                           (the last one stays)
//	    │  └───────────── RemoveMember ───────┼───┘
//	    │ Join (private)                      │ AddMember
//	    ▼                                     │
//	  asks ───────────────────────────────────┘
//	    └──DeclineMember──▶ (stranger)
package clubs
