package eventstore

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/uuid"
)

// Vault keeps a key for each person. What is sealed with it can be read as long as the key is there, and nowhere any more
// once it is destroyed: in the log, in its copies and exports, in backups without the keys.
type Vault interface {
	// Seal encrypts with a person's key, which it makes when there is none. The same plain text gives the same sealed one,
	// so that an append that is sent again is known to be the same. ErrForgotten: the key was destroyed.
	Seal(person uuid.UUID, plain []byte) ([]byte, error)
	// Open is the inverse of Seal. ErrForgotten: the key was destroyed.
	Open(person uuid.UUID, sealed []byte) ([]byte, error)
}

// ErrForgotten: a person's key has been destroyed, so that nobody can read what was sealed with it.
var ErrForgotten = errors.New("this person has been forgotten")

// SealWith gives the registry the keys to seal personal fields with; call it before the registry is used. Without, they
// are stored as they are, and sealed ones can't be decoded.
func (r *Registry) SealWith(v Vault) { r.vault = v }

// sealedMember is the last member of an object that has sealed fields: the person's id, then what Vault.Seal gave, in
// base64. Nothing behind the id means that the person had been forgotten before.
const sealedMember = `"$sealed":"`

var base64s = base64.RawStdEncoding

// seal takes the personal fields out of an event's data and puts them back as one sealed member.
func (r *Registry) seal(t *eventType, e Event, data []byte) ([]byte, error) {
	if t.personal == nil || r.vault == nil {
		return data, nil
	}
	open, private := t.personal.split(data)
	if private == nil {
		return data, nil
	}
	person := e.(Personal).Person()
	if person == uuid.Nil {
		return nil, fmt.Errorf("%w: %s has personal fields, but doesn't say whose", ErrInvalidEvent, t.name)
	}
	sealed, err := r.vault.Seal(person, private)
	if err != nil && !errors.Is(err, ErrForgotten) {
		return nil, fmt.Errorf("%s: sealing what is personal: %w", t.name, err)
	}
	open = append(reopened(open), sealedMember...)
	open = base64s.AppendEncode(open, append(person[:], sealed...))
	return append(open, '"', '}'), nil
}

// reopened takes the bracket off an object's end, so that another member can follow.
func reopened(object []byte) []byte {
	object = object[:len(object)-1]
	if len(object) > 1 {
		object = append(object, ',')
	}
	return object
}

// sealedPart parts data into what is open and what is sealed; nil when nothing is. Data that was written anew by another
// program, with spaces or in another order, is understood as well.
func sealedPart(data []byte) (open, sealed []byte, err error) {
	i := bytes.LastIndex(data, []byte(sealedMember))
	if i < 0 {
		if !bytes.Contains(data, []byte(`"$sealed"`)) {
			return data, nil, nil
		}
		return sealedAnywhere(data)
	}
	text, ours := bytes.CutSuffix(data[i+len(sealedMember):], []byte(`"}`))
	if !ours || bytes.ContainsAny(text, `"\`) { // a member of something inside
		return sealedAnywhere(data)
	}
	if sealed, err = base64s.AppendDecode(nil, text); err != nil {
		return nil, nil, fmt.Errorf("what is sealed can't be read: %w", err)
	}
	open = append(make([]byte, 0, len(data)), bytes.TrimSuffix(data[:i], []byte(","))...) // with room for what was sealed
	return append(open, '}'), sealed, nil
}

func sealedAnywhere(data []byte) (open, sealed []byte, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, nil, err
	}
	member, has := members["$sealed"]
	if !has {
		return data, nil, nil
	}
	delete(members, "$sealed")
	var text string
	if err = json.Unmarshal(member, &text); err == nil {
		sealed, err = base64s.DecodeString(text)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("what is sealed can't be read: %w", err)
	}
	open, err = json.Marshal(members)
	return open, sealed, err
}

// unseal puts sealed fields back. forgotten: they can't be read any more, and are left out.
func (r *Registry) unseal(data json.RawMessage) (whole json.RawMessage, forgotten bool, err error) {
	open, sealed, err := sealedPart(data)
	if err != nil || sealed == nil {
		return data, false, err
	}
	person, err := uuid.FromBytes(sealed[:min(len(sealed), 16)])
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("what is sealed doesn't say whose it is: %w", err)
	case len(sealed) == 16:
		return open, true, nil
	case r.vault == nil:
		return nil, false, errors.New("personal fields are sealed, and there are no keys here")
	}
	private, err := r.vault.Open(person, sealed[16:])
	if errors.Is(err, ErrForgotten) {
		return open, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("what is sealed of person %s: %w", person, err)
	}
	if len(private) < 3 || private[0] != '{' {
		return nil, false, errors.New("what is sealed is not an object with members")
	}
	return append(reopened(open), private[1:]...), false, nil
}

// Reveal gives an event of the log with its sealed fields readable, for people and programs that read JSON rather than
// Go values. What belongs to a forgotten person is left out. Its errors are *DecodeError.
func (r *Registry) Reveal(rec Recorded) (Recorded, error) {
	data, _, err := r.unseal(rec.Data)
	if err != nil {
		return rec, &DecodeError{Stream: rec.Stream, Position: rec.Position, Type: rec.Type, Err: err}
	}
	rec.Data = data
	return rec, nil
}

// Sealed gives an event of the log as it would be stored today: in the newest shape, with its personal fields sealed. It
// answers false when the event is so already, or has nothing personal. For what was stored before there were keys.
func (r *Registry) Sealed(rec Recorded) (Recorded, bool, error) {
	t, err := r.find(rec.Type)
	if err != nil || t.personal == nil || r.vault == nil {
		return rec, false, nil // what is unknown here is nobody's
	}
	if _, sealed, err := sealedPart(rec.Data); err != nil || sealed != nil {
		return rec, false, err
	}
	e, err := r.Decode(rec)
	if err != nil {
		return rec, false, err
	}
	data, err := json.Marshal(e)
	if err == nil {
		data, err = r.seal(t, e, data)
	}
	if err != nil || bytes.Equal(data, rec.Data) {
		return rec, false, err
	}
	rec.Data, rec.SchemaVersion = data, t.version
	return rec, true, nil
}

// standIn puts what the tags say into an event whose person is forgotten.
func (t *eventType) standIn(e reflect.Value) error {
	if t.personal == nil || t.personal.standIns == nil {
		return nil
	}
	return json.Unmarshal(t.personal.standIns, e.Interface())
}
