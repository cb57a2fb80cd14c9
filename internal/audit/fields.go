package audit

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what is kept of a command.
const (
	maxFields = 4 << 10 // bytes
	maxText   = 300     // characters of one text
	maxItems  = 10      // of one list
	maxDepth  = 6
)

// left out wherever they stand, in lower case: who asks, when and of whom are columns of their own; the others are secrets
// or describe a person.
var leftOut = map[string]bool{
	"by": true, "now": true,
	"email": true, "mail": true, "password": true, "secret": true, "token": true, "key": true, "cookie": true, "session": true,
	"firstname": true, "lastname": true, "gender": true, "birthyear": true, "birthdate": true, "town": true, "country": true,
	"latitude": true, "longitude": true, "lat": true, "lng": true, "lon": true, "centre": true, "center": true, "box": true,
	"polyline": true, "track": true, "heartrate": true, "power": true,
}

var address = regexp.MustCompile(`[^\s<>,;:"'()]+@[^\s<>,;:"'()]+`)

// Fields makes a JSON object of at most 4 kB of what a command asks for, by the names of its Go fields. Zero values say
// nothing and are left out, and so is what the package comment lists. A value that isn't a struct gives {}.
func Fields(command any) json.RawMessage {
	v := reflect.ValueOf(command)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return json.RawMessage(`{}`)
	}
	var w writer
	w.object(v, 0)
	return w.Bytes()
}

// writer makes JSON; the objects it is in are closed whatever the bound cuts off.
type writer struct{ bytes.Buffer }

// full leaves room for one more text, whatever has to be escaped in it, and for the ends of all objects.
func (w *writer) full() bool { return w.Len() > maxFields-6*maxText-400 }

func (w *writer) object(v reflect.Value, depth int) {
	w.WriteByte('{')
	w.members(v, depth)
	w.WriteByte('}')
}

func (w *writer) members(v reflect.Value, depth int) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		_, personal := f.Tag.Lookup("personal")
		if !f.IsExported() || personal || f.Tag.Get("audit") == "-" || leftOut[strings.ToLower(f.Name)] || v.Field(i).IsZero() {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			w.members(v.Field(i), depth)
			continue
		}
		if w.full() {
			w.name("truncated")
			w.WriteString("true")
			return
		}
		w.name(f.Name)
		w.value(v.Field(i), depth+1)
	}
}

func (w *writer) name(name string) {
	if last := w.Bytes()[w.Len()-1]; last != '{' {
		w.WriteByte(',')
	}
	w.text(name)
	w.WriteByte(':')
}

func (w *writer) value(v reflect.Value, depth int) {
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			w.WriteString("null")
			return
		}
		w.value(v.Elem(), depth)
		return
	}
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		w.plain(v)
	case reflect.String:
		w.text(v.String())
	case reflect.Array, reflect.Slice, reflect.Struct, reflect.Map:
		w.composite(v, depth)
	default:
		w.text(v.Type().String())
	}
}

// plain writes a number or a truth; durations and other types with a name of their own say it in words.
func (w *writer) plain(v reflect.Value) {
	if s, ok := v.Interface().(fmt.Stringer); ok {
		w.text(s.String())
		return
	}
	data, err := json.Marshal(v.Interface())
	if err != nil { // no number, or infinite
		w.text(fmt.Sprint(v.Interface()))
		return
	}
	w.Write(data)
}

func (w *writer) composite(v reflect.Value, depth int) {
	if t, ok := v.Interface().(time.Time); ok {
		w.text(t.UTC().Format(time.RFC3339Nano))
		return
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok { // ids, wall-clock times
		if text, err := m.MarshalText(); err == nil {
			w.text(string(text))
			return
		}
	}
	switch {
	case depth > maxDepth || w.full() || v.Kind() == reflect.Map:
		w.text("…")
	case v.Kind() == reflect.Struct:
		w.object(v, depth)
	case v.Type().Elem().Kind() == reflect.Uint8:
		w.text(fmt.Sprintf("%d bytes", v.Len()))
	default:
		w.list(v, depth)
	}
}

func (w *writer) list(v reflect.Value, depth int) {
	w.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			w.WriteByte(',')
		}
		if i == maxItems || w.full() {
			w.text(fmt.Sprintf("… and %d more", v.Len()-i))
			break
		}
		w.value(v.Index(i), depth+1)
	}
	w.WriteByte(']')
}

func (w *writer) text(s string) {
	data, _ := json.Marshal(clean(s, maxText)) // a string that is valid UTF-8 never fails
	w.Write(data)
}

// clean is a text as it may be kept: valid, without NUL and e-mail addresses, not too long.
func clean(s string, most int) string {
	cut := len(s) > most*utf8.UTFMax
	if cut {
		s = s[:most*utf8.UTFMax] // before looking at it
	}
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if strings.Contains(s, "@") {
		s = address.ReplaceAllString(s, "(address)")
	}
	if utf8.RuneCountInString(s) > most {
		s, cut = string([]rune(s)[:most]), true
	}
	if cut {
		s += "…"
	}
	return s
}
