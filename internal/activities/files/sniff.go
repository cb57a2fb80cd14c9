package files

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/activities/trackxml"
)

func isZip(b []byte) bool {
	return bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.HasPrefix(b, []byte("PK\x05\x06"))
}

func isGzip(b []byte) bool { return bytes.HasPrefix(b, []byte{0x1f, 0x8b}) }

// sniff names the format of unpacked data, by content alone: fit, gpx, tcx, zip, gzip, empty, zeros, or what else is known
// of it.
func sniff(data []byte) string {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return "empty"
	case len(bytes.Trim(data, "\x00")) == 0:
		return "zeros"
	case fit.Is(data):
		return "fit"
	case isZip(data):
		return "zip"
	case isGzip(data):
		return "gzip"
	}
	for kind, mark := range marks {
		if bytes.HasPrefix(data, []byte(mark)) {
			return kind
		}
	}
	if !looksLikeXML(data) {
		return "other"
	}
	switch root := strings.ToLower(trackxml.Root(data)); root {
	case "gpx":
		return "gpx"
	case "trainingcenterdatabase":
		return "tcx"
	case "html", "kml":
		return root
	case "":
		return "cut-off xml"
	}
	return "xml"
}

// marks are the first bytes of files that people bring by mistake.
var marks = map[string]string{
	"jpeg": "\xff\xd8\xff", "png": "\x89PNG", "pdf": "%PDF", "rar": "Rar!", "7z": "7z\xbc\xaf\x27\x1c", "bzip2": "BZh", "xz": "\xfd7zXZ",
}

// looksLikeXML says whether the first character that isn't blank is a "<", in any of the charsets that XML comes in.
func looksLikeXML(data []byte) bool {
	head := data[:min(len(data), 512)]
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	head = bytes.TrimLeft(bytes.ReplaceAll(head, []byte{0}, nil), "\xff\xfe \t\r\n")
	return bytes.HasPrefix(head, []byte("<"))
}

// unknown says what the file seems to be, and what to bring instead.
func unknown(kind, name string, data []byte) error {
	ext := strings.ToLower(path.Ext(name))
	switch kind {
	case "html":
		return activities.ErrUnknownFormat.Because("This is a web page, not an activity. Perhaps you were signed out when you downloaded it: sign in there and export it again.")
	case "kml":
		return activities.ErrUnknownFormat.Because("This is a KML file, which holds places and no times. Export the activity as FIT, GPX or TCX.")
	case "jpeg", "png", "pdf":
		return activities.ErrUnknownFormat.Because("This is a picture or a document, not an activity. Export the activity as FIT, GPX or TCX.")
	case "rar", "7z", "bzip2", "xz":
		return activities.ErrUnknownFormat.Because("This kind of archive can't be opened. Pack the files as zip or gzip, or bring them as they are.")
	case "cut-off xml":
		return activities.ErrFileCutOff
	}
	switch {
	case ext == ".fit" && len(data) < 14:
		return activities.ErrFileCutOff
	case ext == ".fit" || ext == ".gpx" || ext == ".tcx":
		return activities.ErrUnknownFormat.Because("Its name says " + strings.ToUpper(ext[1:]) + ", but what is in this file is something else. Export the activity again.")
	case kind == "other" && utf8.Valid(data) && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		return activities.ErrUnknownFormat.Because("This is a JSON file. Export the activity as FIT, GPX or TCX.")
	}
	return activities.ErrUnknownFormat
}
