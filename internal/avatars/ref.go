package avatars

import "strconv"

// Path is where pictures are served.
const Path = "/avatars/"

// Ref names a picture by its hash; "" is none.
type Ref string

// URL is the address of one of its squares, Large or Small; "" without a picture.
func (r Ref) URL(edge int) string {
	if r == "" {
		return ""
	}
	return Path + string(r) + "/" + strconv.Itoa(edge)
}

// MarshalText says the address of the large square in JSON.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.URL(Large)), nil }
