package static

import (
	"embed"
	"fmt"
	"sync"
)

//go:embed css js img vendor
var files embed.FS

// Prefix is where Handler expects to be mounted.
const Prefix = "/static/"

// assets are made once, at first use: reading the embedded files costs a few milliseconds.
var assets = sync.OnceValue(func() *catalogue {
	c, err := build(files)
	if err != nil {
		panic(fmt.Sprintf("static files: %v", err)) // the binary is broken: nothing a user could do
	}
	return c
})

// URL returns the address of a file, for example "css/app.css" → "/static/css/app.1f0c9a2b77.css". The hash is of the
// content, so the address changes exactly when the content does. A name that doesn't exist panics: it's a typing error
// that the first render of the page shows.
func URL(name string) string {
	a, ok := assets().byName[name]
	if !ok {
		panic(fmt.Sprintf("static file %q doesn't exist", name))
	}
	return Prefix + a.hashed
}

// Icon returns the address of one symbol of the icon sprite, for <use href>.
func Icon(name string) string { return URL("vendor/icons.svg") + "#" + name }
