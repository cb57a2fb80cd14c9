package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// The order matters: tokens before their use, later rules win.
var (
	styles  = []string{"tokens", "base", "layout", "components", "board", "maps", "challenge", "upload", "pages", "forms", "history", "admin", "tv", "print"}
	scripts = []string{"dom", "theme", "time", "forms", "rows", "morph", "live", "upload", "cut", "tv", "area", "start"}
)

// asset is one file as it's sent.
type asset struct {
	name, hashed, contentType, etag string
	plain, gzipped                  []byte // gzipped is nil where it wouldn't help
}

// catalogue finds assets by their own name and by the name with the hash.
type catalogue struct{ byName, byHashed map[string]*asset }

func build(files fs.FS) (*catalogue, error) {
	c := &catalogue{byName: map[string]*asset{}, byHashed: map[string]*asset{}}
	for _, dir := range []string{"vendor", "img"} {
		if err := c.addFolder(files, dir); err != nil {
			return nil, err
		}
	}
	css, err := join(files, "css", styles)
	if err != nil {
		return nil, err
	}
	if css, err = c.linkURLs(css); err != nil {
		return nil, err
	}
	c.add("css/app.css", css)
	js, err := join(files, "js", scripts)
	if err != nil {
		return nil, err
	}
	// One scope for all of our files: they see each other's functions, and nothing leaks into the window.
	c.add("js/app.js", []byte("(() => {\n\"use strict\";\n"+string(js)+"})();\n"))
	return c, nil
}

func (c *catalogue) addFolder(files fs.FS, dir string) error {
	return fs.WalkDir(files, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || contentTypes[path.Ext(name)] == "" {
			return err // licences and notes aren't served
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		c.add(name, content)
		return nil
	})
}

func (c *catalogue) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:5])
	ext := path.Ext(name)
	a := &asset{
		name: name, plain: content, contentType: contentTypes[ext], etag: `"` + hash + `"`,
		hashed: strings.TrimSuffix(name, ext) + "." + hash + ext,
	}
	if ext != ".woff2" && ext != ".png" { // compressed already
		a.gzipped = compress(content)
	}
	c.byName[a.name], c.byHashed[a.hashed] = a, a
}

func join(files fs.FS, dir string, names []string) ([]byte, error) {
	var all bytes.Buffer
	for _, name := range names {
		content, err := fs.ReadFile(files, dir+"/"+name+"."+dir)
		if err != nil {
			return nil, err
		}
		all.Write(content)
		all.WriteByte('\n')
	}
	return all.Bytes(), nil
}

var cssURL = regexp.MustCompile(`url\("([^"#:]+)"\)`)

// linkURLs gives the files that a style sheet names their hashed addresses; names are relative to the static folder.
func (c *catalogue) linkURLs(css []byte) (_ []byte, err error) {
	out := cssURL.ReplaceAllFunc(css, func(match []byte) []byte {
		name := string(cssURL.FindSubmatch(match)[1])
		a, ok := c.byName[name]
		if !ok {
			err = fmt.Errorf("style sheet names %q, which doesn't exist", name)
			return match
		}
		return []byte(`url("` + Prefix + a.hashed + `")`)
	})
	return out, err
}

func compress(content []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // only an unknown level errs
	_, _ = w.Write(content)                                 // a bytes.Buffer doesn't
	_ = w.Close()
	if out.Len() >= len(content) {
		return nil
	}
	return out.Bytes()
}
