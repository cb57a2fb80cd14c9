// Package trackxml walks the XML of GPX and TCX files as they are found in the wild: in any charset, with blanks before
// the declaration, with or without namespaces, but never deeper, longer or more inventive than an activity needs to be.
package trackxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"

	"segmentchallenge/internal/activities"
)

const (
	maxDepth = 64      // elements within elements; real files have a dozen
	maxText  = 1 << 16 // bytes kept of one element's text
	maxToken = 1 << 20 // bytes of one tag, comment or text
)

// Handler is told of every element, by its name without namespace.
type Handler interface {
	Open(name, parent string, attrs []xml.Attr) error
	Close(name, parent, text string) error
}

// Walk reads an XML file from one end to the other. It refuses what is cut off (activities.ErrFileCutOff) or not
// well-formed (ErrFileDamaged) with the line where that shows, and passes on the handler's own errors. Entities of the
// file's own making aren't known, so they can't expand.
func Walk(data []byte, h Handler) error {
	d, m := decoder(data)
	w := walker{d: d, h: h}
	for {
		m.used = 0
		// Raw tokens: namespaces needn't be right, and the walker checks the nesting itself.
		token, err := w.d.RawToken()
		switch {
		case err == io.EOF && len(w.open) == 0 && w.seen:
			return nil
		case err != nil:
			return w.refuse(err)
		}
		if err := w.take(token); err != nil {
			return err
		}
	}
}

// Root returns the name of the outermost element; empty when the data isn't XML.
func Root(data []byte) string {
	d, _ := decoder(data)
	for range 100 {
		token, err := d.RawToken()
		if err != nil {
			return ""
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name.Local
		}
	}
	return ""
}

// decoder brings the bytes to valid UTF-8 without leading blanks and trailing zeros (which a crash of the device leaves).
func decoder(data []byte) (*xml.Decoder, *meter) {
	label := charset.NewReaderLabel
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		plain, err := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err == nil {
			data = plain
		}
		label = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // the declaration still says UTF-16
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.TrimLeft(data, " \t\r\n")
	data = bytes.TrimRight(data, "\x00")
	if !utf8.Valid(data) && !declaresCharset(data) {
		data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
	}
	m := &meter{r: bytes.NewReader(data)}
	d := xml.NewDecoder(m)
	d.CharsetReader = label
	d.Entity = xml.HTMLEntity
	return d, m
}

// meter fails when one token is absurdly long, before the decoder has laid out a million attributes in memory.
type meter struct {
	r    *bytes.Reader
	used int // bytes of this token
}

var errLongToken = errors.New("one tag or text is longer than a megabyte")

func (m *meter) ReadByte() (byte, error) {
	if m.used++; m.used > maxToken {
		return 0, errLongToken
	}
	return m.r.ReadByte()
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.used += n; m.used > maxToken {
		return 0, errLongToken
	}
	return n, err
}

// declaresCharset says whether the XML declaration names another encoding than UTF-8.
func declaresCharset(data []byte) bool {
	head, _, ok := bytes.Cut(data[:min(len(data), 200)], []byte("?>"))
	head = bytes.ToLower(head)
	return ok && bytes.Contains(head, []byte("encoding=")) && !bytes.Contains(head, []byte("utf-8"))
}

type walker struct {
	d    *xml.Decoder
	h    Handler
	open []xml.Name
	text []byte
	seen bool // an element
}

func (w *walker) take(token xml.Token) error {
	switch token := token.(type) {
	case xml.StartElement:
		if len(w.open) == maxDepth {
			return w.damaged("elements are nested too deeply")
		}
		if len(w.open) == 0 && w.seen {
			return w.damaged("there is more than one document in it")
		}
		w.open, w.text, w.seen = append(w.open, token.Name), w.text[:0], true
		return w.h.Open(token.Name.Local, w.parent(), token.Attr)
	case xml.EndElement:
		if n := len(w.open); n == 0 || w.open[n-1] != token.Name {
			return w.damaged("</" + token.Name.Local + "> closes what isn't open")
		}
		err := w.h.Close(token.Name.Local, w.parent(), strings.TrimSpace(string(w.text)))
		w.open, w.text = w.open[:len(w.open)-1], w.text[:0]
		return err
	case xml.CharData:
		if room := maxText - len(w.text); room > 0 {
			w.text = append(w.text, token[:min(len(token), room)]...)
		}
	}
	return nil // comments, instructions and document types say nothing about an activity
}

func (w *walker) parent() string {
	if n := len(w.open); n > 1 {
		return w.open[n-2].Local
	}
	return ""
}

// refuse turns what the decoder says into a refusal.
func (w *walker) refuse(err error) error {
	line, _ := w.d.InputPos()
	var syntax *xml.SyntaxError
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax) && strings.Contains(syntax.Msg, "EOF") {
		return activities.ErrFileCutOff.Because(fmt.Sprintf(
			"This file ends in the middle, at line %d: it wasn't saved or sent completely. Export it again and bring the whole file.", line))
	}
	if syntax != nil {
		return w.damaged(syntax.Msg)
	}
	return w.damaged(err.Error())
}

func (w *walker) damaged(why string) error {
	line, _ := w.d.InputPos()
	return activities.ErrFileDamaged.Because(fmt.Sprintf("This file is damaged and can't be read: line %d, %s. Export it again.", line, why))
}
