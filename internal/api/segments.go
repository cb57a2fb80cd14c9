package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
)

func (a *API) registerSegments() {
	tag := tagged("Segments")
	operation(a, http.MethodGet, "/segments", "list-segments", "Segments by name, area and type", a.segments, tag)
	operation(a, http.MethodPost, "/segments", "create-segment", "Add a segment: a polyline, a part of an own activity, or (multipart) a GPX file",
		a.createSegment, tag, created)
	a.describeBody("/segments", a.segmentBody())
	operation(a, http.MethodGet, "/segments/{id}", "get-segment", "A segment", a.segment, tag)
}

// segmentBody describes what a segment is made of: JSON, or a form with a file.
func (a *API) segmentBody() *huma.RequestBody {
	registry := a.huma.OpenAPI().Components.Schemas
	reference := registry.Schema(reflect.TypeFor[newSegment](), true, "")
	form := &huma.Schema{Type: "object", Required: []string{"file", "name", "activityType"},
		Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}}}
	for _, name := range []string{"name", "activityType"} {
		form.Properties[name] = registry.SchemaFromRef(reference.Ref).Properties[name]
	}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: reference}, "multipart/form-data": {Schema: form}}}
}

func (a *API) segments(ctx context.Context, in *struct {
	Box          string `query:"bbox" doc:"south,west,north,east in degrees" example:"50.1,4.2,50.9,5.1"`
	Name         string `query:"name"`
	ActivityType string `query:"activityType"`
	Paging
}) (*body[list[readmodel.Segment]], error) {
	filter := readmodel.SegmentFilter{Viewer: viewer(ctx), Query: in.Name, ActivityType: sport.ActivityType(in.ActivityType),
		Limit: in.Limit, Cursor: in.Cursor}
	if in.ActivityType != "" && !filter.ActivityType.Valid() {
		return nil, activities.ErrTypeUnknown
	}
	if in.Box != "" {
		box, err := boxOf(in.Box)
		if err != nil {
			return nil, err
		}
		filter.Box = &box
	}
	return page(readmodel.Segments(ctx, a.Pool, filter))
}

func boxOf(typed string) (box [4]float64, err error) {
	wrong := invalid("bbox", "Give south,west,north,east in degrees, such as 50.1,4.2,50.9,5.1.")
	parts := strings.Split(typed, ",")
	if len(parts) != 4 {
		return box, wrong
	}
	for i, part := range parts {
		if box[i], err = strconv.ParseFloat(strings.TrimSpace(part), 64); err != nil {
			return box, wrong
		}
	}
	if !(box[0] <= box[2] && box[0] >= -90 && box[2] <= 90 && box[1] >= -180 && box[3] <= 180 && box[1] <= box[3]) {
		return box, wrong
	}
	return box, nil
}

func (a *API) segment(ctx context.Context, in *IDInput) (*body[readmodel.Segment], error) {
	id, err := idOf(in.ID, readmodel.ErrNoSegment)
	if err != nil {
		return nil, err
	}
	return answer(readmodel.SegmentByID(ctx, a.Pool, viewer(ctx), id))
}

// newSegment is the JSON body, or the fields of the form beside its file.
type newSegment struct {
	Name         string             `json:"name,omitempty" doc:"needed, save of a part of an activity: that has the activity's when left out"`
	ActivityType sport.ActivityType `json:"activityType,omitempty" doc:"as name"`
	Polyline     string             `json:"polyline,omitempty" doc:"Google encoded, 1e-5 degrees"`
	ActivityID   string             `json:"activityId,omitempty" doc:"cut from this activity of one's own, between two points"`
	StartIndex   int                `json:"startIndex,omitempty"`
	EndIndex     int                `json:"endIndex,omitempty"`
}

// maxSegmentFile is the size of a GPX file of which a segment is made: as large as one that is a ride.
const maxSegmentFile = 50 << 20

func (a *API) createSegment(ctx context.Context, in *FormInput) (*body[readmodel.Segment], error) {
	wanted, file, err := a.readSegment(in)
	if err != nil {
		return nil, err
	}
	geometry, origin, err := a.geometry(ctx, &wanted, file)
	if err != nil {
		return nil, lineGiven(err, origin)
	}
	id, by := newID(ctx), viewer(ctx)
	if err := a.send(ctx, segments.Add{Head: segments.Head{ID: id, By: by, Now: now()}, Name: wanted.Name,
		ActivityType: wanted.ActivityType, Geometry: geometry, Origin: origin}); err != nil {
		return nil, err
	}
	return answer(readmodel.SegmentByID(ctx, a.Pool, by, id))
}

// lineGiven names the field that a line which can't be taken came in.
func lineGiven(err error, origin string) error {
	var said *refusal.Error
	if !errors.As(err, &said) || said.Field != segments.LineField {
		return err
	}
	moved := *said
	moved.Field = map[string]string{"gpx": "file", "activity": "activityId", "polyline": "polyline"}[origin]
	return &moved
}

// geometry is the line of a segment, and where it comes from. What isn't said of a part of an activity is as the activity has it.
func (a *API) geometry(ctx context.Context, s *newSegment, file []byte) (segments.Geometry, string, error) {
	switch {
	case file != nil:
		g, _, err := importer.GeometryOfGPX(file)
		return g, "gpx", err
	case s.ActivityID != "":
		id, err := optionalID("activityId", s.ActivityID)
		if err != nil {
			return segments.Geometry{}, "", err
		}
		is, err := readmodel.ActivityByID(ctx, a.Pool, viewer(ctx), id)
		if err != nil {
			return segments.Geometry{}, "", err
		}
		s.Name, s.ActivityType = cmp.Or(s.Name, is.Name), cmp.Or(s.ActivityType, is.ActivityType)
		g, _, err := a.Importer.GeometryOfActivity(ctx, viewer(ctx), is.ID, s.StartIndex, s.EndIndex)
		return g, "activity", err
	case s.Polyline != "":
		g, _, err := importer.GeometryOfPolyline(s.Polyline)
		return g, "polyline", err
	}
	return segments.Geometry{}, "", refusal.Field("polyline", "line_missing", "Give a polyline, an activity with two indices, or a GPX file.")
}

// readSegment reads a body of either kind; file is nil without one.
func (a *API) readSegment(in *FormInput) (s newSegment, file []byte, err error) {
	if kind, _, _ := mime.ParseMediaType(in.ContentType); kind != "multipart/form-data" {
		return s, nil, decodeJSON(a, in.body, &s)
	}
	form, err := in.read(maxSegmentFile)
	if err != nil {
		return s, nil, err
	}
	defer form.RemoveAll() //nolint:errcheck // temporary files; the system clears them too
	value := func(name string) string { return strings.Join(form.Value[name], "") }
	s = newSegment{Name: value("name"), ActivityType: sport.ActivityType(value("activityType")), Polyline: value("polyline")}
	if len(form.File["file"]) == 0 {
		return s, nil, nil
	}
	f, err := form.File["file"][0].Open()
	if err != nil {
		return s, nil, err
	}
	defer f.Close()
	file, err = io.ReadAll(f)
	return s, file, err
}

// decodeJSON reads a body as huma does for operations that take nothing but JSON.
func decodeJSON[T any](a *API, r io.Reader, into *T) error {
	body := &meter{r: r, left: maxBody}
	raw, err := io.ReadAll(body)
	var tooLarge *http.MaxBytesError
	switch {
	case body.left < 0, errors.As(err, &tooLarge):
		return huma.NewError(http.StatusRequestEntityTooLarge, "the body is larger than 1 MB")
	case err != nil:
		return errBodyCutOff
	}
	var any any
	if err := json.Unmarshal(raw, &any); err != nil {
		return huma.NewError(http.StatusBadRequest, "", &huma.ErrorDetail{Message: err.Error()})
	}
	registry := a.huma.OpenAPI().Components.Schemas
	var result huma.ValidateResult
	huma.Validate(registry, registry.Schema(reflect.TypeFor[T](), true, ""), huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, any, &result)
	if len(result.Errors) > 0 {
		return huma.NewError(http.StatusUnprocessableEntity, "", result.Errors...)
	}
	return json.Unmarshal(raw, into)
}
