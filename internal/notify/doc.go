// Package notify sends mail: by SMTP where that is set up, else into the development mailbox, which is a table that
// /dev/mailbox shows.
//
//	Post (which letter, in words) ─► Mailer ─┬─ SMTP
//	                                         └─ Mailbox ─► /dev/mailbox
//
// The letters are templ components in web/templates/email, each with a plain text beside the HTML.
//
// Outbox sends what athletes are told without having asked for it at that moment:
//
//	log ─► collect ─► table notices ─► deliver, when due ─► Post
//	       (package notices: Of, Merge)  (facts from the read models, package notices: Judge, then the letter)
//
// collect.go is a projection, so each event is noted exactly once. deliver.go runs on every node: a worker claims due rows
// for a minute, so that no other has them, and marks each when the server has taken its mail. A node that dies in between
// leaves its claims to run out. If it dies after the server has taken a mail and before that is marked, which is the time of
// one statement, the mail is sent again with the same Message-ID, by which servers and mail programs know it.
//
// facts.go looks up what Judge needs, letters.go writes the letters, unsubscribe.go signs the links by which one gets off.
package notify
