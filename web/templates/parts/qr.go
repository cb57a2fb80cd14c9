package parts

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QRView is an address to point a phone at.
type QRView struct {
	Address string
	Words   string // what it leads to: "Five Hills"
}

// quiet is the empty border that readers need, in modules (ISO/IEC 18004, 6.3.8).
const quiet = 4

// code is the side of the drawing in modules, with its border, and the dark ones as a path; 0 for an address that is too
// long for a code.
func (v QRView) code() (side int, dark string) {
	code, err := qr.Encode(v.Address, qr.M)
	if err != nil {
		return 0, ""
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return code.Size + 2*quiet, b.String()
}
