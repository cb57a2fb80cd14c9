// Package email holds the letters: each has a Subject, a plain Text and an HTML form. Mail programs know little CSS and no
// style sheets, so styles are inline here and nowhere else.
package email
