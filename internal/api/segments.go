package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

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
		a.createSegment, tag, created, bodyOf[newSegment](a, "file"))
	operation(a, http.MethodGet, "/segments/{id}", "get-segment", "A segment", a.segment, tag)
}

// bodyOf documents an operation that reads its body by itself: JSON, or a form with files.
func bodyOf[T any](a *API, file string) func(*huma.Operation) {
	return func(op *huma.Operation) {
		schema := huma.SchemaFromType(a.huma.OpenAPI().Components.Schemas, typeOf[T]())
		form := &huma.Schema{Type: "object", Properties: map[string]*huma.Schema{file: {Type: "string", Format: "binary"}}}
		for name, property := range schema.Properties {
			form.Properties[name] = property
		}
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: schema}, "multipart/form-data": {Schema: form}}}
	}
}

func (a *API) segments(ctx context.Context, in *struct {
	Box          string `query:"bbox" doc:"south,west,north,east in degrees" example:"50.1,4.2,50.9,5.1"`
	Name         string `query:"name"`
	ActivityType string `query:"activityType"`
	paging
}) (*body[list[readmodel.Segment]], error) {
	filter := readmodel.SegmentFilter{Viewer: viewer(ctx), Query: in.Name, ActivityType: sport.ActivityType(in.ActivityType),
		Limit: in.Limit, Cursor: in.Cursor}
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
	wrong := refusal.Field("bbox", "bbox_invalid", "Give south,west,north,east in degrees, such as 50.1,4.2,50.9,5.1.")
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

func (a *API) segment(ctx context.Context, in *idInput) (*body[readmodel.Segment], error) {
	id, err := idOf(in.ID, readmodel.ErrNoSegment)
	if err != nil {
		return nil, err
	}
	return answer(readmodel.SegmentByID(ctx, a.Pool, viewer(ctx), id))
}

// newSegment is the JSON body, or the fields of the form beside its file.
type newSegment struct {
	Name         string             `json:"name"`
	ActivityType sport.ActivityType `json:"activityType"`
	Polyline     string             `json:"polyline,omitempty" doc:"Google encoded, 1e-5 degrees"`
	ActivityID   string             `json:"activityId,omitempty" doc:"cut from this activity of one's own, between two points"`
	StartIndex   int                `json:"startIndex,omitempty"`
	EndIndex     int                `json:"endIndex,omitempty"`
}

func (a *API) createSegment(ctx context.Context, in *struct {
	ContentType string `header:"Content-Type"`
	RawBody     []byte
}) (*body[readmodel.Segment], error) {
	wanted, file, err := readSegment(in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	geometry, origin, err := a.geometry(ctx, wanted, file)
	if err != nil {
		return nil, err
	}
	id, by := newID(), viewer(ctx)
	if err := a.send(ctx, segments.Add{Head: segments.Head{ID: id, By: by, Now: now()}, Name: wanted.Name,
		ActivityType: wanted.ActivityType, Geometry: geometry, Origin: origin}); err != nil {
		return nil, err
	}
	return answer(readmodel.SegmentByID(ctx, a.Pool, by, id))
}

func (a *API) geometry(ctx context.Context, s newSegment, file []byte) (segments.Geometry, string, error) {
	switch {
	case file != nil:
		g, _, err := importer.GeometryOfGPX(file)
		return g, "gpx", err
	case s.ActivityID != "":
		id, err := optionalID("activityId", s.ActivityID)
		if err != nil {
			return segments.Geometry{}, "", err
		}
		g, _, err := a.Importer.GeometryOfActivity(ctx, viewer(ctx), id, s.StartIndex, s.EndIndex)
		return g, "activity", err
	case s.Polyline != "":
		g, _, err := importer.GeometryOfPolyline(s.Polyline)
		return g, "polyline", err
	}
	return segments.Geometry{}, "", refusal.Field("polyline", "line_missing", "Give a polyline, an activity with two indices, or a GPX file.")
}

// readSegment reads a body of either kind; file is nil without one.
func readSegment(contentType string, raw []byte) (s newSegment, file []byte, err error) {
	kind, params, _ := mime.ParseMediaType(contentType)
	if kind != "multipart/form-data" {
		if err := json.Unmarshal(raw, &s); err != nil {
			return s, nil, refusal.Of(refusal.Malformed, "malformed_json", "The body is not JSON of the expected shape: "+err.Error())
		}
		return s, nil, nil
	}
	form, err := multipart.NewReader(bytes.NewReader(raw), params["boundary"]).ReadForm(maxBody)
	if err != nil {
		return s, nil, refusal.Of(refusal.Malformed, "malformed_form", "The form can't be read: it may have been cut off.")
	}
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

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
