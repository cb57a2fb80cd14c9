package web

import (
	"strconv"
	"strings"

	"segmentchallenge/internal/refusal"
)

// wholeNumber reads an optional number; nothing typed is 0.
func wholeNumber(field, typed string) (int, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil {
		return 0, refusal.Field(field, field+"_not_a_number", "Write a whole number, or leave it empty.")
	}
	return n, nil
}
