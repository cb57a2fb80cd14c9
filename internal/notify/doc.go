// Package notify sends mail: by SMTP where that is set up, else into the development mailbox, which is a table that
// /dev/mailbox shows.
//
//	Post (which letter, in words) ─► Mailer ─┬─ SMTP
//	                                         └─ Mailbox ─► /dev/mailbox
//
// The letters are templ components in web/templates/email, each with a plain text beside the HTML.
package notify
