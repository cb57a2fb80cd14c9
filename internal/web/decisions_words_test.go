package web

import (
	"testing"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/readmodel"
)

// TestEveryDecisionHasWords looks for what the read model keeps and the page couldn't say.
func TestEveryDecisionHasWords(t *testing.T) {
	t.Parallel()
	for _, p := range readmodel.Projectors(eventlog.Registry()) {
		if p.Name != readmodel.DecisionsModel {
			continue
		}
		for _, name := range p.Types {
			if name != "AthleteErased" && decidedWords[name].words == "" {
				t.Errorf("no words for %s", name)
			}
		}
	}
}
