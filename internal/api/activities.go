package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

func (a *API) registerActivities() {
	tag := tagged("Activities")
	operation(a, http.MethodGet, "/activities", "list-activities", "Own activities, newest first", a.activities, tag)
	operation(a, http.MethodPost, "/activities", "bring-activities", "Bring FIT, GPX, TCX files (also gz, zip), several at once",
		a.bring, tag, upload)
	operation(a, http.MethodGet, "/activities/{id}", "get-activity", "An activity with its efforts", a.activity, tag)
	operation(a, http.MethodPatch, "/activities/{id}", "edit-activity", "Change an own activity", a.editActivity, tag)
	operation(a, http.MethodDelete, "/activities/{id}", "delete-activity", "Delete an own activity and its efforts", a.deleteActivity, tag)
}

func upload(op *huma.Operation) {
	op.DefaultStatus = http.StatusAccepted
	text := &huma.Schema{Type: "string"}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: "object", Properties: map[string]*huma.Schema{
			"file": {Type: "array", Items: &huma.Schema{Type: "string", Format: "binary"}}, "type": text, "name": text,
			"private": {Type: "boolean"}, "commute": {Type: "boolean"}}}}}}
}

// bringInput reads its body by itself: files are decoded one by one as they come in.
type bringInput struct {
	Wait        bool   `query:"wait" doc:"answer 201 after matching, with efforts"`
	ContentType string `header:"Content-Type"`
	body        io.Reader
}

func (in *bringInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	return nil
}

// brought is what became of an uploaded file.
type brought struct {
	importer.Item
	Efforts []readmodel.Effort `json:"efforts"`
	Refused []refusedEffort    `json:"refused"`
}

// refusedEffort is a stage that an activity did not count for, and why.
type refusedEffort struct {
	Stage     string `json:"stage" doc:"slug"`
	Challenge string `json:"challenge" doc:"slug"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
}

type bringOutput struct {
	Status int
	Body   list[brought]
}

func (a *API) bring(ctx context.Context, in *bringInput) (*bringOutput, error) {
	form, err := readUpload(in)
	if err != nil {
		return nil, err
	}
	var items []importer.Item
	up := importer.Upload{AthleteID: viewer(ctx).AthleteID, By: viewer(ctx)}
	files := 0
	err = form.each(&up, func(up importer.Upload) error {
		files++
		found, err := a.Importer.Bring(ctx, up)
		items = append(items, found...)
		return err
	})
	if err == nil && files == 0 {
		err = refusal.Field("file", "file_missing", "Send at least one file, in form fields named file.")
	}
	if err == nil && len(items) == 1 && items[0].Refusal != nil {
		err = items[0].Refusal // one file that can't be taken at all is a problem, not an item
	}
	if err != nil {
		return nil, err
	}
	out := &bringOutput{Status: http.StatusAccepted}
	if in.Wait {
		out.Status = http.StatusCreated
		if err := a.Importer.Await(ctx, items); err != nil {
			return nil, err
		}
	}
	for _, item := range items {
		b, err := a.broughtOf(ctx, item)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, b)
	}
	return out, nil
}

func (a *API) broughtOf(ctx context.Context, item importer.Item) (brought, error) {
	b := brought{Item: item, Efforts: item.Efforts, Refused: []refusedEffort{}}
	if b.Efforts == nil {
		b.Efforts = []readmodel.Effort{}
	}
	if item.Status != importer.Processed {
		return b, nil
	}
	var err error
	b.Refused, err = a.refusedOf(ctx, item.ID, item.Refused)
	return b, err
}

// refusedOf joins the efforts that were refused and the traversals that the segment engine did not take.
func (a *API) refusedOf(ctx context.Context, activity uuid.UUID, efforts []readmodel.Effort) ([]refusedEffort, error) {
	out := []refusedEffort{}
	for _, e := range efforts {
		out = append(out, refusedEffort{Stage: e.StageSlug, Challenge: e.ChallengeSlug, Code: e.Code, Detail: e.Reason})
	}
	findings, err := readmodel.FindingsOfActivity(ctx, a.Pool, activity)
	for _, f := range findings {
		for _, m := range f.Misses {
			out = append(out, refusedEffort{Stage: f.StageSlug, Challenge: f.ChallengeSlug, Code: m.Code, Detail: m.Detail})
		}
	}
	return out, err
}

// uploadForm reads a multipart form part by part.
type uploadForm struct{ parts *multipart.Reader }

func readUpload(in *bringInput) (*uploadForm, error) {
	kind, params, err := mime.ParseMediaType(in.ContentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, refusal.Of(refusal.Malformed, "not_multipart", "Send files as multipart/form-data, in fields named file.")
	}
	return &uploadForm{multipart.NewReader(io.LimitReader(in.body, maxUpload+1), params["boundary"])}, nil
}

// each calls fn for every file. Fields that come after a file don't count for it, so all files are held until the end.
func (f *uploadForm) each(up *importer.Upload, fn func(importer.Upload) error) error {
	form, err := f.parts.ReadForm(32 << 20)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return activities.ErrFileTooLarge.Because(fmt.Sprintf("These are more than %d MB at once. Bring them in parts.", maxUpload>>20))
	}
	if err != nil {
		return refusal.Of(refusal.Malformed, "malformed_form", "The form can't be read: it may have been cut off.")
	}
	defer form.RemoveAll() //nolint:errcheck // temporary files; the system clears them too
	value := func(name string) string {
		if v := form.Value[name]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	up.Type, up.Name = sport.ActivityType(value("type")), value("name")
	up.Private, up.Commute = value("private") == "true", value("commute") == "true"
	if up.Type != "" && !up.Type.Valid() {
		return refusal.Field("type", "type_unknown", "This is not an activity type. Ride and Run are; see the documentation for all.")
	}
	for _, header := range form.File["file"] {
		data, err := readAll(header)
		if err != nil {
			return err
		}
		up.File, up.Data = header.Filename, data
		if err := fn(*up); err != nil {
			return err
		}
	}
	return nil
}

func readAll(header *multipart.FileHeader) ([]byte, error) {
	f, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

func (a *API) activities(ctx context.Context, in *struct{ paging }) (*body[list[readmodel.Activity]], error) {
	by := viewer(ctx)
	if by.AthleteID == uuid.Nil {
		return nil, errNotSignedIn
	}
	return page(readmodel.Activities(ctx, a.Pool, readmodel.ActivityFilter{Viewer: by, AthleteID: by.AthleteID, Limit: in.Limit, Cursor: in.Cursor}))
}

// wholeActivity is an activity with what it brought.
type wholeActivity struct {
	readmodel.Activity
	Efforts []readmodel.Effort `json:"efforts"`
	Refused []refusedEffort    `json:"refused"`
}

func (a *API) activity(ctx context.Context, in *idInput) (*body[wholeActivity], error) {
	id, err := idOf(in.ID, readmodel.ErrNoActivity)
	if err != nil {
		return nil, err
	}
	found, err := readmodel.ActivityByID(ctx, a.Pool, viewer(ctx), id)
	if err != nil {
		return nil, err
	}
	efforts, err := readmodel.EffortsOfActivity(ctx, a.Pool, id)
	if err != nil {
		return nil, err
	}
	out := wholeActivity{Activity: found, Efforts: []readmodel.Effort{}}
	var refused []readmodel.Effort
	for _, e := range efforts {
		if e.Status == "accepted" {
			out.Efforts = append(out.Efforts, e)
		} else {
			refused = append(refused, e)
		}
	}
	out.Refused, err = a.refusedOf(ctx, id, refused)
	return answer(out, err)
}

func (a *API) editActivity(ctx context.Context, in *struct {
	idInput
	Body struct {
		Name    *string             `json:"name,omitempty"`
		Type    *sport.ActivityType `json:"activityType,omitempty"`
		Private *bool               `json:"private,omitempty"`
		Commute *bool               `json:"commute,omitempty"`
	}
}) (*body[wholeActivity], error) {
	id, err := idOf(in.ID, readmodel.ErrNoActivity)
	if err != nil {
		return nil, err
	}
	is, err := readmodel.ActivityByID(ctx, a.Pool, viewer(ctx), id)
	if err != nil {
		return nil, err
	}
	cmd := activities.Edit{Head: activities.Head{ID: id, By: viewer(ctx), Now: now()}, Name: is.Name, Type: is.ActivityType,
		Private: is.Private, Commute: is.Commute}
	set(&cmd.Name, in.Body.Name)
	set(&cmd.Type, in.Body.Type)
	set(&cmd.Private, in.Body.Private)
	set(&cmd.Commute, in.Body.Commute)
	if err := a.send(ctx, cmd); err != nil {
		return nil, err
	}
	return a.activity(ctx, &in.idInput)
}

func (a *API) deleteActivity(ctx context.Context, in *idInput) (*struct{}, error) {
	id, err := idOf(in.ID, readmodel.ErrNoActivity)
	if err != nil {
		return nil, err
	}
	if _, err := readmodel.ActivityByID(ctx, a.Pool, viewer(ctx), id); err != nil {
		return nil, err
	}
	return nil, a.send(ctx, activities.Delete{Head: activities.Head{ID: id, By: viewer(ctx), Now: now()}})
}
