package auth

import (
	"crypto/rand"
	"crypto/sha256"
)

// newSecret is 130 random bits as 26 letters and digits that survive mail programs and double clicks.
func newSecret() string { return rand.Text() }

// hash is what is stored. A plain hash does: the secrets are random, so there is nothing to guess word by word.
func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
