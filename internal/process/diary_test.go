package process_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/refusal"
)

// The process of these tests keeps diaries. An event Asked says what a diary's instance is to do, so that a test is a list
// of such words; what it has done stands in the diary, in its order, and nothing is noted twice unless it was sent twice.

// Asked is the event that instances listen to.
type Asked struct {
	Key string        `json:"key"` // of the instance; several have commas between them
	Do  string        `json:"do"`
	In  time.Duration `json:"in,omitempty"` // until the timer is due, in nanoseconds
}

func (Asked) EventType() string { return "Asked" }

// Note is the command that they send.
type Note struct{ Key, Text string }

// Noted is what a diary holds.
type Noted struct {
	Text string `json:"text"`
}

func (Noted) EventType() string { return "Noted" }

// Diary is the aggregate.
type Diary struct{ Lines int }

var errPaper = refusal.New("no_paper", "There is no paper left.")

func (d Diary) Decide(c Note) ([]Noted, error) {
	if strings.HasPrefix(c.Text, "refuse") {
		return nil, errPaper
	}
	return []Noted{{c.Text}}, nil
}

func (d Diary) Evolve(Noted) Diary { return Diary{d.Lines + 1} }

// Memory is the state of an instance: how many words it has got.
type Memory struct {
	Key   string
	Count int
	Words map[string]int // a React that fails must not have changed it
}

// diaries is the process. broken, if given, says whether a word can't be understood at the moment.
func diaries(refusals process.Refusals, broken func(word string) bool) process.Process[Memory] {
	return process.Process[Memory]{
		Name: "diaries", Events: []eventstore.Event{Asked{}}, Refusals: refusals, Commands: map[string]any{"Note": Note{}},
		Route: func(e eventstore.Event) []process.Route {
			asked := e.(Asked)
			if asked.Do == "lost" {
				panic("where is this to go?")
			}
			var routes []process.Route
			for key := range strings.SplitSeq(asked.Key, ",") {
				routes = append(routes, process.Route{Instance: key, Starts: !strings.HasPrefix(asked.Do, "late")})
			}
			return routes
		},
		React: func(s Memory, in process.Input) (Memory, []process.Effect) {
			if s.Words == nil {
				s.Words = map[string]int{}
			}
			switch in := in.(type) {
			case process.Happened:
				asked := in.Event.(Asked)
				s.Key = in.Instance
				s.Words[asked.Do]++
				s.Count++
				if broken != nil && broken(asked.Do) {
					panic("what is " + asked.Do + "?")
				}
				return s, do(s, asked, in.Time)
			case process.Due:
				if broken != nil && broken("due") {
					panic("what is due?")
				}
				return s, notes(s, in.Timer)
			case process.Refused:
				if broken != nil && broken("refused") {
					panic("what is refused?")
				}
				return s, notes(s, "sorry for "+in.Command.(Note).Text)
			}
			return s, nil
		},
	}
}

func do(s Memory, asked Asked, now time.Time) []process.Effect {
	verb, rest, _ := strings.Cut(asked.Do, " ")
	switch verb {
	case "both":
		return notes(s, rest+"a", rest+"b")
	case "timer":
		return []process.Effect{process.SetTimer{Timer: asked.Do, At: now.Add(asked.In)}}
	case "cancel":
		return []process.Effect{process.CancelTimer{Timer: rest}}
	case "stop":
		return append(notes(s, asked.Do), process.Stop{})
	case "unlisted":
		return []process.Effect{process.Send{Command: "a string"}}
	case "quiet":
		return nil
	case "count":
		return notes(s, fmt.Sprint("count ", s.Count))
	}
	return notes(s, asked.Do)
}

func notes(s Memory, texts ...string) []process.Effect {
	var out []process.Effect
	for _, text := range texts {
		out = append(out, process.Send{Command: Note{s.Key, text}})
	}
	return out
}

// words makes events for one key.
func words(key string, all ...string) []Asked {
	var out []Asked
	for _, do := range all {
		out = append(out, Asked{Key: key, Do: do})
	}
	return out
}

// interleave takes one from each list in turn.
func interleave(lists ...[]Asked) (all []Asked) {
	for i := 0; slices.ContainsFunc(lists, func(l []Asked) bool { return i < len(l) }); i++ {
		for _, l := range lists {
			if i < len(l) {
				all = append(all, l[i])
			}
		}
	}
	return all
}
