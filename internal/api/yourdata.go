package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/privacy"
)

func (a *API) registerYourData() {
	tag := tagged("People")
	operation(a, http.MethodGet, "/me/export", "export-me", "Everything that is kept about oneself, as a zip", a.exportMe, tag, a.needsToken, zipped)
	operation(a, http.MethodDelete, "/me", "delete-me", "Delete the own account; results stay as those of a \"Deleted athlete\"", a.deleteMe, tag)
}

func zipped(op *huma.Operation) {
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/zip": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
}

// exportMe sends the zip as it is made. What goes wrong on the way breaks the connection off: half a zip must not look whole.
func (a *API) exportMe(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	athlete := viewer(ctx).AthleteID
	exporter := privacy.Exporter{Store: a.Store, Pool: a.Pool, Accounts: a.Accounts}
	return &huma.StreamResponse{Body: func(out huma.Context) {
		out.SetHeader("Content-Type", "application/zip")
		out.SetHeader("Content-Disposition", `attachment; filename="your-data.zip"`)
		out.SetHeader("Cache-Control", "no-store")
		if err := exporter.Export(ctx, out.BodyWriter(), athlete); err != nil {
			if ctx.Err() == nil {
				a.Log.ErrorContext(ctx, "an export broke off", "athlete", athlete, "error", err)
			}
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

func (a *API) deleteMe(ctx context.Context, _ *struct{}) (*struct{}, error) {
	by := viewer(ctx)
	return nil, a.send(ctx, athletes.Delete{Head: athletes.Head{ID: by.AthleteID, By: by, Now: now()}})
}
