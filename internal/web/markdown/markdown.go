// Package markdown turns what people write (descriptions, results messages) into HTML that can stand in a page: goldmark
// reads CommonMark with bare links and tables, and bluemonday lets through only what can do no harm.
package markdown

import (
	"bytes"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

var (
	reader = goldmark.New(
		goldmark.WithExtensions(extension.Linkify, extension.Strikethrough, extension.Table),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(lowerHeadings{}, 100))))
	policy = newPolicy()
)

// newPolicy is bluemonday's for what users write, with links that search engines don't follow and that tell the page they
// lead to nothing.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}

// HTML is the text as HTML; what can't be shown is left out. It is safe to stand in a page as it is.
func HTML(source string) string {
	var out bytes.Buffer
	if err := reader.Convert([]byte(source), &out); err != nil { // writing to memory can't fail, and any text is Markdown
		return ""
	}
	return policy.SanitizeReader(&out).String()
}

// lowerHeadings puts a writer's headings below those of the page, with no step left out: the first is an h3.
type lowerHeadings struct{}

func (lowerHeadings) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var above []int                                                             // levels as they were written, each deeper than the one before
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker below never errs
		if h, ok := n.(*ast.Heading); ok && entering {
			for len(above) > 0 && above[len(above)-1] >= h.Level {
				above = above[:len(above)-1]
			}
			above = append(above, h.Level)
			h.Level = min(6, len(above)+2)
		}
		return ast.WalkContinue, nil
	})
}
