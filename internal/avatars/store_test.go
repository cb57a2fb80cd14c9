package avatars_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/refusal"
)

// grey is a file of one shade.
func grey(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range img.Pix {
		img.SetGray(i%4, i/4, color.Gray{Y: shade})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestStore(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	store, ana, ben := avatars.New(pool), uuid.New(), uuid.New()
	var told []string
	tell := func(hash string) error { told = append(told, hash); return nil }
	replace := func(owner uuid.UUID, shade uint8) string {
		t.Helper()
		if err := store.Replace(t.Context(), owner, grey(t, shade), tell); err != nil {
			t.Fatal(err)
		}
		return told[len(told)-1]
	}
	served := func(hash string, want bool) {
		t.Helper()
		for _, edge := range []int{avatars.Large, avatars.Small} {
			file, err := store.Find(t.Context(), hash, edge)
			if (err == nil) != want || !want && !errors.Is(err, avatars.ErrNone) {
				t.Errorf("%s, %d: %d bytes, %v", hash, edge, len(file), err)
			}
		}
	}

	dark := replace(ana, 10)
	served(dark, true)
	if got := replace(ben, 10); got != dark {
		t.Errorf("the same picture is %s and %s", dark, got)
	}
	light := replace(ana, 200)
	served(light, true)
	served(dark, true) // it is Ben's, still
	if err := store.Remove(t.Context(), ben, tell); err != nil || told[len(told)-1] != "" {
		t.Fatalf("told %q, %v", told, err)
	}
	served(dark, false)
	served(light, true)

	no := refusal.New("no", "No.")
	for shade, there := range map[uint8]bool{200: true, 90: false} { // what she has stays, what she doesn't get is gone
		var hash string
		err := store.Replace(t.Context(), ana, grey(t, shade), func(h string) error { hash = h; return no })
		if !errors.Is(err, no) {
			t.Errorf("refused: %v", err)
		}
		served(hash, there)
	}
	served(light, true)
	if err := store.Remove(t.Context(), ana, func(string) error { return no }); !errors.Is(err, no) {
		t.Errorf("refused: %v", err)
	}
	served(light, true)
	if err := store.Replace(t.Context(), ana, []byte("no picture"), tell); !errors.Is(err, avatars.ErrUnreadable) {
		t.Errorf("no picture: %v", err)
	}
	if _, err := store.Find(t.Context(), light, 7); !errors.Is(err, avatars.ErrNone) {
		t.Errorf("of another size: %v", err)
	}
}
