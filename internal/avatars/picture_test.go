package avatars

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

var (
	red   = color.RGBA{220, 20, 20, 255}
	green = color.RGBA{20, 200, 20, 255}
	blue  = color.RGBA{20, 20, 220, 255}
	white = color.RGBA{255, 255, 255, 255}
)

// quarters is an image of four colours, a row at a time, so large that its edges don't matter.
func quarters(colours [4]color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 400, 400))
	for y := range 400 {
		for x := range 400 {
			img.SetRGBA(x, y, colours[y/200*2+x/200])
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is a TIFF structure with an orientation, and a place that nobody must find in what is kept.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, e := range []struct{ tag, value uint16 }{{0x0100, 400}, {0x0112, orientation}} {
		b = order.AppendUint16(b, e.tag)
		b = order.AppendUint16(b, 3) // SHORT
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, e.value)
		b = order.AppendUint16(b, 0)
	}
	return append(b, "GPS 51.05 3.72"...)
}

// withSegment puts a segment before those that are there, as a camera does.
func withSegment(file []byte, marker byte, body []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xFF, 0xD8, 0xFF, marker}, uint16(len(body)+2))
	return append(append(head, body...), file[2:]...)
}

func read(t testing.TB, file []byte) (Picture, image.Image) {
	t.Helper()
	p, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for edge, square := range p.Squares {
		if got, err := jpeg.DecodeConfig(bytes.NewReader(square)); err != nil || got.Width != edge || got.Height != edge {
			t.Fatalf("the square of %d pixels: %+v, %v", edge, got, err)
		}
	}
	large, err := jpeg.Decode(bytes.NewReader(p.Squares[Large]))
	if err != nil || len(p.Squares) != 2 || len(p.Hash) != 32 {
		t.Fatalf("%q, %d squares, %v", p.Hash, len(p.Squares), err)
	}
	return p, large
}

// expect compares colours as far as JPEG keeps them.
func expect(t testing.TB, img image.Image, x, y int, want color.RGBA) {
	t.Helper()
	r, g, b, _ := img.At(x, y).RGBA()
	for _, pair := range [][2]int{{int(r >> 8), int(want.R)}, {int(g >> 8), int(want.G)}, {int(b >> 8), int(want.B)}} {
		if pair[0]-pair[1] > 12 || pair[1]-pair[0] > 12 {
			t.Errorf("at %d, %d: %d %d %d, want %v", x, y, r>>8, g>>8, b>>8, want)
			return
		}
	}
}

// The tag says which side of what is seen the first row and the first column of what is stored are (Exif 2.32, 4.6.4).
func TestPhotographsAreTurnedUpright(t *testing.T) {
	for orientation, stored := range map[uint16][4]color.RGBA{
		1: {red, green, blue, white}, 2: {green, red, white, blue}, 3: {white, blue, green, red}, 4: {blue, white, red, green},
		5: {red, blue, green, white}, 6: {green, white, red, blue}, 7: {white, green, blue, red}, 8: {blue, red, white, green},
		0: {red, green, blue, white}, 9: {red, green, blue, white}, // no such orientations
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			t.Run(fmt.Sprint(orientation, order), func(t *testing.T) {
				photo := withSegment(asJPEG(t, quarters(stored)), 0xE1, append([]byte("Exif\x00\x00"), exif(order, orientation)...))
				photo = withSegment(photo, 0xFE, []byte("a comment comes first"))
				p, large := read(t, photo)
				expect(t, large, 80, 80, red)
				expect(t, large, 240, 80, green)
				expect(t, large, 80, 240, blue)
				expect(t, large, 240, 240, white)
				for edge, square := range p.Squares {
					if bytes.Contains(square, []byte("GPS")) || bytes.Contains(square, []byte("Exif")) {
						t.Errorf("the square of %d pixels says where it was taken", edge)
					}
				}
			})
		}
	}
}

// tiny is a lossy WebP file of one pixel.
const tiny = "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA="

func TestFormats(t *testing.T) {
	webp, err := base64.StdEncoding.DecodeString(tiny)
	if err != nil {
		t.Fatal(err)
	}
	read(t, webp)
	chunk := exif(binary.LittleEndian, 6)
	turned := append(binary.LittleEndian.AppendUint32(append(webp[:len(webp):len(webp)], "EXIF"...), uint32(len(chunk))), chunk...)
	if got := orientationOf(turned, "webp"); got != 6 {
		t.Errorf("orientation of WebP: %d", got)
	}

	var b bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 50, 20), color.Palette{red, blue})
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	_, large := read(t, b.Bytes())
	expect(t, large, 160, 160, red)
}

func TestTheMiddleIsShown(t *testing.T) {
	wide := image.NewRGBA(image.Rect(0, 0, 900, 300))
	for y := range 300 {
		for x := range 900 {
			wide.SetRGBA(x, y, []color.RGBA{red, green, blue}[x/300])
		}
	}
	_, large := read(t, asPNG(t, wide))
	for _, x := range []int{8, 160, 310} {
		expect(t, large, x, 160, green)
	}
}

func TestWhatCanBeSeenThroughIsWhite(t *testing.T) {
	emblem := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for i := range 50 {
		for j := range 100 {
			emblem.Set(i, j, blue)
		}
	}
	_, large := read(t, asPNG(t, emblem))
	expect(t, large, 80, 160, blue)
	expect(t, large, 240, 160, white)
}

// claiming is a PNG file that says it is larger than it is.
func claiming(t *testing.T, width, height uint32) []byte {
	file := asPNG(t, quarters([4]color.RGBA{}))
	binary.BigEndian.PutUint32(file[16:], width)
	binary.BigEndian.PutUint32(file[20:], height)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

func TestRefusals(t *testing.T) {
	photo := asJPEG(t, quarters([4]color.RGBA{red, green, blue, white}))
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":                   {nil, ErrMissing},
		"a text":                    {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), ErrUnreadable},
		"half of a photograph":      {photo[:len(photo)/2], ErrUnreadable},
		"too many bytes":            {make([]byte, MaxBytes+1), ErrTooLarge},
		"too many pixels":           {claiming(t, 60_000, 60_000), ErrTooMany},
		"too many in a thin line":   {claiming(t, 1, MaxPixels+1), ErrTooMany},
		"as many as it has no data": {claiming(t, 3000, 3000), ErrUnreadable},
	} {
		if _, err := Read(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestAnyShapeMakesSquares(t *testing.T) {
	for _, width := range []int{1, 2, 333} {
		for _, height := range []int{1, 3, 222} {
			read(t, asPNG(t, image.NewGray(image.Rect(0, 0, width, height))))
		}
	}
	emblem := asPNG(t, quarters([4]color.RGBA{red, green, blue, white}))
	one, _ := read(t, emblem)
	if other, _ := read(t, emblem); one.Hash != other.Hash {
		t.Errorf("one file is %s and %s", one.Hash, other.Hash)
	}
}

// A picture of a phone's camera, with twelve million pixels.
func BenchmarkRead(b *testing.B) {
	file := asJPEG(b, image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(file); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRead(f *testing.F) {
	webp, _ := base64.StdEncoding.DecodeString(tiny)
	f.Add(webp)
	photo := asJPEG(f, image.NewGray(image.Rect(0, 0, 8, 8)))
	f.Add(withSegment(photo, 0xE1, append([]byte("Exif\x00\x00"), exif(binary.BigEndian, 8)...)))
	f.Add(asPNG(f, image.NewGray(image.Rect(0, 0, 3, 5))))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, format := range []string{"jpeg", "webp"} {
			if o := orientationOf(file, format); o < 1 || o > 8 {
				t.Errorf("orientation %d", o)
			}
		}
		if config, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && config.Width*config.Height > 1_000_000 {
			t.Skip("would be slow") // that such are bounded is for TestRefusals
		}
		if p, err := Read(file); (err == nil) != (len(p.Squares) == 2) {
			t.Errorf("%d squares and %v", len(p.Squares), err)
		}
	})
}
