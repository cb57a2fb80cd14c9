// Package ui holds the small pieces that every page is made of: buttons, fields, cards, chips, tables, tabs and their like.
//
// A short tour: icon, button, chip and avatar are marks; form.templ and choice.templ are fields with label, help and error;
// box.templ is what things are put in; nav.templ leads elsewhere; figure.templ shows numbers; time.templ moments. A piece
// takes a small struct of values that are already words (package format writes them) and knows no domain type. Nothing
// here has an inline style or script: the pages' Content-Security-Policy forbids both.
package ui
