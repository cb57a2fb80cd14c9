// Package static holds the files a browser fetches (style, script, icons, fonts) inside the binary.
//
// A short tour: css/ and js/ are our own, joined into css/app.css and js/app.js when the program starts (bundle.go);
// vendor/ is other people's work with a note of version and licence; serve.go answers /static/… and URL gives the
// address of a file with a hash of its content in the name, so that a browser may keep it for ever.
package static
