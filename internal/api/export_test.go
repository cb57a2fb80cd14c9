package api

import (
	"github.com/danielgtaylor/huma/v2"

	"segmentchallenge/internal/auth"
)

// Document is the API's description of itself.
func Document() *huma.OpenAPI { return newAPI(Options{Accounts: &auth.Service{}}).huma.OpenAPI() }
