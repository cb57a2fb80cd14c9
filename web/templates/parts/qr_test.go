package parts

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

// The path holds exactly the dark modules of the code, inside of its border.
func TestQRIsTheCode(t *testing.T) {
	address := "https://club.example/challenges/five-hills"
	side, dark := QRView{Address: address}.code()
	code, err := qr.Encode(address, qr.M)
	if err != nil || side != code.Size+8 {
		t.Fatalf("%d modules a side, want %d, %v", side, code.Size+8, err)
	}
	drawn := map[[2]int]bool{}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(dark, -1) {
		x, y, n := whole(t, run[1]), whole(t, run[2]), whole(t, run[3])
		if run[3] != run[4] {
			t.Fatalf("%s doesn't come back to where it began", run[0])
		}
		for i := range n {
			drawn[[2]int{x + i - quiet, y - quiet}] = true
		}
	}
	for y := range code.Size {
		for x := range code.Size {
			if drawn[[2]int{x, y}] != code.Black(x, y) {
				t.Fatalf("module %d, %d is drawn %v", x, y, drawn[[2]int{x, y}])
			}
			delete(drawn, [2]int{x, y})
		}
	}
	if len(drawn) > 0 {
		t.Errorf("%d modules are drawn outside", len(drawn))
	}
	if side, _ := (QRView{Address: strings.Repeat("x", 5000)}).code(); side != 0 {
		t.Error("a code of an address that has no room in one")
	}
}

func whole(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
