package leaderboards

import "segmentchallenge/internal/sport"

// Places is how many places of a stage score points by a table: of the category's classification that has the most of them.
// It is 0 where places score none, on a preview and where times or totals are added up.
func (s Scheme) Places(category sport.Category, stage Stage) int {
	most := 0
	for _, c := range s.For(category) {
		if table, takes := c.table(stage); takes && c.By == ByPoints {
			most = max(most, len(table))
		}
	}
	return most
}
