// Package stageboard is the aggregate StageBoard: the order of the athletes on one stage in one category.
//
// It protects: at any time each athlete stands once, where their standing belongs by the rules of leaderboards/rank.go;
// every change says who moved from where to where; and what is final stays.
//
//	                       Finalise
//	(none) ──Open──▶ open ──────────▶ final
//	                 │  ▲ ◀──────────
//	                 └──┘    Reopen
//	            Place, Withdraw
//
// An effort costs O(log n) and its event carries only what changed, however many athletes are on the board (see the
// benchmark): the order is a counted tree, and those between From and To moved by one without being named.
//
// What is said of one athlete comes in the order of Seq; what is older than known changes nothing, so that commands may
// come twice. An effort accepted while its stage is being approved meets a final board: the board wins by ErrFinal.
package stageboard
