// Package parts holds what a page shows and what is pushed to it live: the same component renders both, so that they
// can't differ.
//
// A short tour: board.templ is the leaderboard; map.go and profile.go turn points into shapes that map.templ and
// profile.templ draw as SVG; feed, stages, datebar, cards and upload are the other parts; live.templ is the frame that
// keeps parts up to date. A part takes a view struct defined beside it, filled by its page with words that package
// format wrote. Parts that are pushed have an id and data-version on their root element, and say nothing about who looks
// at them: the script marks the reader's own row. The titles of parts are h3:
// a part stands below an h2, which may be one that only screen readers hear (class visually-hidden).
package parts
