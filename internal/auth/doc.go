// Package auth knows who somebody is. What they may do is a rule of the aggregate that takes the command.
//
// People sign in with a link sent to their e-mail address, programs with a token:
//
//	RequestLink → mail → GET page with a button → POST Redeem → Enter ─┬─ known address: signed in
//	                                                                   └─ new: Pending, until registered and Claimed
//
// A new address gets an athlete id reserved at once (Reserve), so registering is the same command however often it is sent.
//
// Addresses live here and nowhere else, outside the event log, so that forgetting a person deletes a row instead of
// changing history. Links, sessions and tokens are kept as SHA-256 of 130 random bits and looked up by that hash: the
// time a look-up takes says nothing about the secret, and a copy of the database lets nobody in.
//
// Middleware (sessions) and Bearer (API tokens) put the actor.Actor into the request's context; Actor reads it.
package auth
