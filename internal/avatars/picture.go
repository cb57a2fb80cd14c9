package avatars

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the first frame of it
	"image/jpeg"
	_ "image/png"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"segmentchallenge/internal/refusal"
)

// MaxBytes of a file, and MaxPixels in it. A phone's camera writes up to 50 megapixels, in less than 10 MB as a rule.
const (
	MaxBytes  = 10 << 20
	MaxPixels = 50_000_000
)

// Sizes are the edges, in pixels, of the squares that are made: at the head of a page and beside a name, each for screens
// with two pixels to a CSS pixel.
const (
	Large = 320
	Small = 96
)

// quality of the JPEG files, of 100: at these sizes what it leaves out can't be seen.
const quality = 88

// Why a file can't be a picture here.
var (
	ErrMissing    = refusal.Field("avatar", "picture_missing", "Choose a picture first.")
	ErrTooLarge   = refusal.Field("avatar", "picture_too_large", fmt.Sprintf("This file is larger than %d MB. Choose a smaller one.", MaxBytes>>20))
	ErrUnreadable = refusal.Field("avatar", "picture_unreadable", "This file can't be read as a picture. Choose a JPEG, PNG, WebP or GIF file.")
	ErrTooMany    = refusal.Field("avatar", "picture_too_many_pixels", fmt.Sprintf("This picture has more than %d million pixels. Choose a smaller one.", MaxPixels/1_000_000))
)

// Picture is what is kept of a file: squares, as JPEG files, by the length of their edges in pixels.
type Picture struct {
	Hash    string // of the large square: 32 hexadecimal digits
	Squares map[int][]byte
}

// Read makes a picture of a file, or says why it can't: ErrMissing, ErrTooLarge, ErrUnreadable, ErrTooMany. How large it
// would be is known from its first bytes, and checked before the rest is decoded.
func Read(file []byte) (Picture, error) {
	switch {
	case len(file) == 0:
		return Picture{}, ErrMissing
	case len(file) > MaxBytes:
		return Picture{}, ErrTooLarge
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil || config.Width <= 0 || config.Height <= 0:
		return Picture{}, ErrUnreadable
	case config.Width > MaxPixels/config.Height:
		return Picture{}, ErrTooMany
	}
	whole, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return Picture{}, ErrUnreadable
	}
	large := turned(square(whole, middle(whole.Bounds()), Large), orientationOf(file, format))
	return encoded(large, square(large, large.Bounds(), Small))
}

// middle is the largest square in the middle of a rectangle.
func middle(r image.Rectangle) image.Rectangle {
	edge := min(r.Dx(), r.Dy())
	corner := r.Min.Add(image.Pt((r.Dx()-edge)/2, (r.Dy()-edge)/2))
	return image.Rectangle{Min: corner, Max: corner.Add(image.Pt(edge, edge))}
}

// square scales a part of an image. What can be seen through becomes white, so that a dark emblem is seen in the dark, too.
func square(from image.Image, part image.Rectangle, edge int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, edge, edge))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, out.Bounds(), from, part, draw.Over, nil)
	return out
}

func encoded(large, small *image.RGBA) (Picture, error) {
	p := Picture{Squares: map[int][]byte{}}
	for edge, img := range map[int]*image.RGBA{Large: large, Small: small} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
			return Picture{}, err
		}
		p.Squares[edge] = b.Bytes()
	}
	sum := sha256.Sum256(p.Squares[Large])
	p.Hash = hex.EncodeToString(sum[:16])
	return p, nil
}
