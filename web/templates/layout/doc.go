// Package layout is the house around every page: head, header, navigation, messages, footer, and the quiet line in which
// live changes are announced.
package layout
