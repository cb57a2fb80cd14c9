// Package sport is the vocabulary that every room shares: what kinds of activity, challenge and stage there are, how
// people are classed, and how times, distances and goals are written down. It knows no ids and no events.
package sport
