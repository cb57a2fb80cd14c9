package avatars

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientationOf is how a photograph has to be turned, as its camera wrote it: 1 to 8, the tag Orientation of Exif 2.32,
// section 4.6.4. It is 1, upright, where nothing is said that can be read.
func orientationOf(file []byte, format string) int {
	switch format {
	case "jpeg":
		return orientationIn(exifOfJPEG(file))
	case "webp":
		return orientationIn(exifOfWebP(file))
	}
	return 1
}

// exifHeader begins the segment in a JPEG file; some programs write it into WebP files, too.
var exifHeader = []byte("Exif\x00\x00")

// exifOfJPEG looks through the segments before the picture itself: FF, a marker, the length of what follows.
func exifOfJPEG(file []byte) []byte {
	const app1, startOfScan = 0xE1, 0xDA
	for at := 2; at+4 <= len(file) && file[at] == 0xFF && file[at+1] != startOfScan; {
		end := at + 2 + int(binary.BigEndian.Uint16(file[at+2:]))
		if end > len(file) || end < at+4 {
			return nil
		}
		if body := file[at+4 : end]; file[at+1] == app1 && bytes.HasPrefix(body, exifHeader) {
			return body[len(exifHeader):]
		}
		at = end
	}
	return nil
}

// exifOfWebP looks through the chunks of the RIFF container: four letters, a length, a body padded to an even length.
func exifOfWebP(file []byte) []byte {
	for at := 12; at+8 <= len(file); {
		size := int(binary.LittleEndian.Uint32(file[at+4:]))
		if size > len(file)-at-8 {
			return nil
		}
		if string(file[at:at+4]) == "EXIF" {
			return bytes.TrimPrefix(file[at+8:at+8+size], exifHeader)
		}
		at += 8 + size + size%2
	}
	return nil
}

// orientationIn reads the tag out of the first directory of a TIFF structure.
func orientationIn(tiff []byte) int {
	const tag, entry = 0x0112, 12
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return 1
	case string(tiff[:2]) == "MM":
		order = binary.BigEndian
	case string(tiff[:2]) != "II":
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < entry {
			break
		}
		if order.Uint16(entries) == tag {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
		entries = entries[entry:]
	}
	return 1
}

// turned puts a square upright.
func turned(from *image.RGBA, orientation int) *image.RGBA {
	last := from.Bounds().Dx() - 1
	// Where each point of the upright picture comes from.
	source := map[int]func(x, y int) (int, int){
		2: func(x, y int) (int, int) { return last - x, y },        // mirrored
		3: func(x, y int) (int, int) { return last - x, last - y }, // upside down
		4: func(x, y int) (int, int) { return x, last - y },        // both
		5: func(x, y int) (int, int) { return y, x },               // mirrored, and lying on a side
		6: func(x, y int) (int, int) { return y, last - x },        // its top is on the right
		7: func(x, y int) (int, int) { return last - y, last - x },
		8: func(x, y int) (int, int) { return last - y, x }, // its top is on the left
	}[orientation]
	if source == nil {
		return from
	}
	out := image.NewRGBA(from.Bounds())
	for y := range last + 1 {
		for x := range last + 1 {
			out.SetRGBA(x, y, from.RGBAAt(source(x, y)))
		}
	}
	return out
}
