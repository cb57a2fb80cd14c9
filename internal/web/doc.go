// Package web is the site: pages, forms and their words. Where is what:
//
//   - routes.go: THE list of addresses and who serves them.
//   - server.go: what every handler has at hand: rendering, the viewer, sending commands.
//   - errors.go: how a refusal becomes a status and a page, or words beside a field.
//   - one file a page family (challenge.go, stage.go, upload.go …): handlers that query internal/readmodel, shape what they
//     find into the view structs of web/templates, and render; or parse a form, send a command and redirect.
//   - public.go: the pages that are read. boardread.go and board.go draw boards, for pages and for those who watch (BoardFragment);
//     rules.go puts a challenge's settings into words, feed.go what happened, maps.go lines; pager.go pages lists.
//
// Rules are not here: what an actor may do is decided by the aggregates, and the pages only leave out what would be refused.
package web
