package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// formMemory is how much of a form's files stays in memory; the rest lies in temporary files.
const formMemory = 1 << 20

var (
	errNotMultipart = refusal.Of(refusal.Malformed, "not_multipart", "Send files as multipart/form-data, in fields named file.")
	errFormCutOff   = refusal.Of(refusal.Malformed, "malformed_form", "The form can't be read: it may have been cut off.")
	errFileMissing  = refusal.Field("file", "file_missing", "Send at least one file, in form fields named file.")
)

// uploadBody describes the form of an upload.
func uploadBody() *huma.RequestBody {
	text := &huma.Schema{Type: "string"}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file": {Type: "array", Items: &huma.Schema{Type: "string", Format: "binary"}}, "type": text, "name": text,
			"private": {Type: "boolean"}, "commute": {Type: "boolean"}}}}}}
}

// describeWaiting documents that waiting is answered by another status, with the same body.
func (a *API) describeWaiting(path string) {
	answers := a.huma.OpenAPI().Paths[path].Post.Responses
	waited := *answers["202"]
	waited.Description = "Created: matched, with efforts"
	answers["201"] = &waited
}

// describeBody documents what a POST operation takes that reads its body by itself. Told before the operation is
// registered, huma would read the body.
func (a *API) describeBody(path string, body *huma.RequestBody) {
	a.huma.OpenAPI().Paths[path].Post.RequestBody = body
}

// FormInput is an operation that reads its multipart body by itself.
type FormInput struct {
	ContentType string `header:"Content-Type"`
	body        io.Reader
}

func (in *FormInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	return nil
}

// read reads the form; larger files lie on disk until the form is removed.
func (in *FormInput) read(limit int64) (*multipart.Form, error) {
	kind, params, err := mime.ParseMediaType(in.ContentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, errNotMultipart
	}
	body := &meter{r: in.body, left: limit}
	form, err := multipart.NewReader(body, params["boundary"]).ReadForm(formMemory)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), errors.Is(err, multipart.ErrMessageTooLarge), body.left < 0:
		return nil, activities.ErrFileTooLarge.Because(fmt.Sprintf("This is more than the %d MB that are taken at once. Bring it in parts.", limit>>20))
	case err != nil:
		return nil, errFormCutOff
	}
	return form, nil
}

// meter ends with an error once more than left bytes were read.
type meter struct {
	r    io.Reader
	left int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.left -= int64(n); m.left < 0 {
		return 0, errors.New("too much was read")
	}
	return n, err
}

type bringInput struct {
	Wait bool `query:"wait" doc:"answer 201 after matching, with efforts"`
	FormInput
}

// brought is what became of one activity of an upload.
type brought struct {
	ID          *uuid.UUID        `json:"id" nullable:"true" doc:"of the activity; null when refused"`
	File        string            `json:"file"`
	Status      importer.Status   `json:"status" enum:"queued,processed,refused,duplicate"`
	DuplicateOf *uuid.UUID        `json:"duplicateOf" nullable:"true" doc:"the activity that is the same ride"`
	Code        *string           `json:"code" doc:"why refused, for programs"`
	Detail      *string           `json:"detail" doc:"and in words"`
	Notes       []activities.Note `json:"notes,omitempty" doc:"what one should know of a file though it was taken"`
	Efforts     []effort          `json:"efforts"`
	Refused     []refusedEffort   `json:"refused"`
}

type bringOutput struct {
	Status int
	Body   list[brought]
}

func (a *API) bring(ctx context.Context, in *bringInput) (*bringOutput, error) {
	form, err := in.read(a.MaxUpload)
	if err != nil {
		return nil, err
	}
	defer form.RemoveAll() //nolint:errcheck // temporary files; the system clears them too
	items, err := a.bringAll(ctx, form)
	if err == nil && len(items) == 1 && items[0].Refusal != nil {
		err = items[0].Refusal // one file that can't be taken at all is a problem, not an item
	}
	if err != nil {
		return nil, err
	}
	settle := a.Importer.Show
	if in.Wait {
		settle = a.Importer.Await
	}
	if err := settle(ctx, items); err != nil {
		return nil, err
	}
	out := &bringOutput{Status: http.StatusAccepted}
	if in.Wait && !slices.ContainsFunc(items, func(i importer.Item) bool { return i.Status == importer.Queued }) {
		out.Status = http.StatusCreated // else matching takes longer than anybody waits
	}
	out.Body.Items = make([]brought, len(items))
	for i, item := range items {
		if out.Body.Items[i], err = a.broughtOf(ctx, item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// bringAll brings the files of a form, one after the other.
func (a *API) bringAll(ctx context.Context, form *multipart.Form) ([]importer.Item, error) {
	up, err := uploadOf(form.Value)
	if err != nil {
		return nil, err
	}
	if len(form.File["file"]) == 0 {
		return nil, errFileMissing
	}
	up.AthleteID, up.By = viewer(ctx).AthleteID, viewer(ctx)
	var items []importer.Item
	for _, header := range form.File["file"] {
		f, err := header.Open()
		if err != nil {
			return nil, err
		}
		up.File, up.Content, up.Size = header.Filename, f, header.Size
		found, err := a.Importer.Bring(ctx, up)
		items = append(items, found...)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// uploadOf reads what a form says of all its files.
func uploadOf(values map[string][]string) (up importer.Upload, err error) {
	value := func(name string) string {
		if v := values[name]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	up.Type, up.Name = sport.ActivityType(value("type")), value("name")
	if up.Type != "" && !up.Type.Valid() {
		return up, activities.ErrTypeUnknown
	}
	for name, flag := range map[string]*bool{"private": &up.Private, "commute": &up.Commute} {
		if v := value(name); v != "" {
			if *flag, err = strconv.ParseBool(v); err != nil {
				return up, invalid(name, "Say true or false.")
			}
		}
	}
	if up.Name != "" {
		up.Name, err = sport.CleanName("name", up.Name)
	}
	return up, err
}

func (a *API) broughtOf(ctx context.Context, item importer.Item) (brought, error) {
	b := brought{ID: orNull(item.ID), File: item.File, Status: item.Status, DuplicateOf: orNull(item.DuplicateOf), Code: orNull(item.Code),
		Detail: orNull(item.Detail), Notes: item.Notes, Efforts: effortsOf(item.Efforts), Refused: []refusedEffort{}}
	if item.Status != importer.Processed {
		return b, nil
	}
	var err error
	b.Refused, err = a.refusedOf(ctx, item.ID, item.Refused)
	return b, err
}
