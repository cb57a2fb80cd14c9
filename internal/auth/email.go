package auth

import (
	"net/mail"
	"strings"
)

// NormaliseEmail checks an address as people type it and returns it in lower case, or ErrEmailInvalid. Names in front,
// comments and quoted parts are refused: nobody signs in with those, and they would make one mailbox many addresses.
func NormaliseEmail(typed string) (string, error) {
	address := strings.ToLower(strings.TrimSpace(typed))
	if len(address) > 254 { // RFC 5321, 4.5.3.1.3
		return "", ErrEmailInvalid
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address {
		return "", ErrEmailInvalid
	}
	_, domain, _ := strings.Cut(address, "@")
	if domain != "localhost" && !strings.Contains(strings.Trim(domain, "."), ".") {
		return "", ErrEmailInvalid
	}
	return address, nil
}

// SafeNext is the path to go on to after sign-in: path when it is one within this site, else "/". Browsers read
// //host and /\host as another site, and drop tabs and line feeds before they look.
func SafeNext(path string) string {
	if len(path) > 2000 || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return "/"
	}
	return path
}
