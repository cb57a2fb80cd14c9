// Package guard stands before every handler: what a request may bring, how often, from where, and what is written down of it.
//
// A short tour: guard.go puts the pieces in their order; secure.go sets headers that bind the browser and refuses forms
// that other sites send; bounds.go limits sizes and rates; requests.go numbers, logs and rescues requests; refuse.go says
// no in words, as a page or as a problem (RFC 9457) for programs. It knows nothing of accounts: who somebody is comes after.
package guard
