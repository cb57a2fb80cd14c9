package webtest

import (
	"html"
	"regexp"
	"strings"
)

var (
	unread = regexp.MustCompile(`(?s)<(script|style|head)\b.*?</(script|style|head)>|<!--.*?-->`)
	tag    = regexp.MustCompile(`<[^>]*>`)
)

func textOf(page string) string {
	text := tag.ReplaceAllString(unread.ReplaceAllString(page, " "), " ")
	return strings.Join(strings.Fields(html.UnescapeString(text)), " ")
}
