package segmentchallenge_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// policy says who may import whom: one line a package, first its folder (internal/ left out), then the packages of ours
// that it may import. A package that isn't here fails, so does an import that isn't allowed, so does a line without
// its package. Words in capitals stand for the packages behind them. A line that begins with "pure" is for a package
// that decides: no database, network, files, clock or randomness either, so that its rules are ordinary functions.
//
// It changes together with the drawing in docs/design.md.
const policy = `
WORDS      = actor ordered refusal sport
AGGREGATES = activities athletes challenges clubs competitors leaderboards/challengeboard leaderboards/stageboard segments stages
PAGES      = web/format web/static web/templates/layout web/templates/parts web/templates/ui

# vocabulary
pure actor:
pure ordered:
pure panics:
pure refusal:
pure sport: refusal

# domain: aggregates never import each other; they meet in processes
pure activities: WORDS
pure athletes: WORDS
pure challenges: WORDS leaderboards
pure clubs: WORDS
pure competitors: WORDS
pure leaderboards: WORDS
pure leaderboards/challengeboard: WORDS leaderboards
pure leaderboards/stageboard: WORDS leaderboards
pure trophies:
pure segments: WORDS
pure stages: WORDS

# activity files: bytes in, recordings out
activities/files: WORDS activities activities/fit activities/gpx activities/tcx activities/trackxml
pure activities/fit: WORDS activities
pure activities/gpx: WORDS activities activities/trackxml
activities/simulate: WORDS activities
pure activities/tcx: WORDS activities activities/trackxml
pure activities/trackxml: WORDS activities

# log
migrations:
postgres: migrations
postgres/private:
postgres/postgrestest: migrations postgres postgres/private
eventstore: panics postgres
vault: eventstore
aggregate: eventstore panics
aggregate/aggregatetest: refusal
audit:
eventlog: AGGREGATES eventstore
dispatch: WORDS AGGREGATES aggregate audit eventstore leaderboards panics

# reactions
auth: actor postgres refusal
avatars: refusal
drafts: refusal
history: WORDS challenges competitors eventstore leaderboards leaderboards/challengeboard leaderboards/stageboard stages
importer: WORDS AGGREGATES activities/files activities/gpx dispatch eventstore postgres readmodel zones
live: eventstore leaderboards/challengeboard leaderboards/stageboard refusal
pure notices: AGGREGATES sport
notify: AGGREGATES actor eventstore leaderboards notices postgres readmodel refusal sport web/format web/markdown web/templates/email web/templates/layout web/templates/pages
process: eventstore panics refusal
processes: WORDS AGGREGATES dispatch eventstore process readmodel
privacy: WORDS AGGREGATES aggregate auth dispatch eventstore readmodel vault
readmodel: WORDS AGGREGATES avatars eventstore leaderboards trophies
telemetry: aggregate audit eventstore live process
registration: actor athletes auth dispatch eventstore
slugs:
zones: activities refusal sport

# edge: handlers make commands and read read models; what draws pages knows neither
api: WORDS AGGREGATES auth dispatch eventstore history importer leaderboards privacy readmodel slugs
web: WORDS AGGREGATES PAGES activities/gpx audit auth avatars dispatch drafts eventstore history importer leaderboards live notices notify privacy process readmodel registration slugs trophies zones web/guard web/markdown web/templates/pages
web/browsertest:
web/format: sport
web/guard: web/templates/layout web/templates/pages
web/markdown:
web/static:
web/templates/email:
web/templates/gallery: WORDS PAGES web/templates/pages
web/templates/layout: PAGES
web/templates/pages: WORDS PAGES
web/templates/parts: WORDS PAGES
web/templates/ui: web/format web/static
dispatch/dispatchtest: ALL
web/webtest: ALL
demo: WORDS AGGREGATES activities/fit activities/gpx activities/simulate activities/tcx auth dispatch eventstore importer readmodel slugs
cmd/web: ALL

# tools for developers
scripts/dbreset: postgres/private
scripts/fetchpg: postgres/private
`

const module = "segmentchallenge/"

// rule is one line of the policy.
type rule struct {
	pure bool
	may  []string
}

// shorten leaves out what all names share.
func shorten(folder string) string { return strings.TrimPrefix(folder, "internal/") }

func parsePolicy(t *testing.T, text string) map[string]rule {
	t.Helper()
	words, rules := map[string][]string{}, map[string]rule{}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		if name, list, ok := strings.Cut(line, "="); ok {
			words[strings.TrimSpace(name)] = strings.Fields(list)
			continue
		}
		name, list, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name, pure := strings.CutPrefix(name, "pure ")
		if _, twice := rules[name]; twice {
			t.Errorf("policy: %s has two lines", name)
		}
		rules[name] = rule{pure: pure, may: expand(words, strings.Fields(list))}
	}
	return rules
}

func expand(words map[string][]string, list []string) []string {
	var all []string
	for _, name := range list {
		if behind, ok := words[name]; ok {
			all = append(all, behind...)
		} else {
			all = append(all, name)
		}
	}
	return all
}

// source is one package as its files say, tests left out: those may use whatever they need.
type source struct {
	imports map[string]string // import path → a file that has it
	calls   map[string]string // package.Function → where
}

// readSources parses every Go file that isn't a test.
func readSources(t *testing.T, fsys fs.FS) map[string]*source {
	t.Helper()
	sources := map[string]*source{}
	set := token.NewFileSet()
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" || name != "." && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := shorten(path.Dir(name))
		if sources[folder] == nil {
			sources[folder] = &source{imports: map[string]string{}, calls: map[string]string{}}
		}
		sources[folder].read(file, set)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func (s *source) read(file *ast.File, set *token.FileSet) {
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		s.imports[imported] = set.Position(spec.Pos()).String()
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if left, ok := selector.X.(*ast.Ident); ok {
				s.calls[left.Name+"."+selector.Sel.Name] = set.Position(selector.Pos()).String()
			}
		}
		return true
	})
}

// impure are imports and calls that make a result depend on more than the arguments.
var (
	impureImports = []string{"crypto/rand", "database/sql", "math/rand", "math/rand/v2", "net", "net/http", "os", "os/exec",
		"github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgxpool"}
	impureCalls = []string{"time.Now", "time.Since", "time.Until", "time.After", "time.Sleep",
		"uuid.New", "uuid.NewString", "uuid.NewRandom", "uuid.NewV6", "uuid.NewV7"}
)

// check compares what packages import with what they may, and tells every difference.
func check(rules map[string]rule, sources map[string]*source) []string {
	var wrong []string
	for name, s := range sources {
		rule, ok := rules[name]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s has no line in the policy of deps_test.go: say there what it may import", name))
			continue
		}
		for imported, where := range s.imports {
			ours, is := strings.CutPrefix(imported, module)
			if is && !slices.Contains(rule.may, shorten(ours)) && !slices.Contains(rule.may, "ALL") {
				wrong = append(wrong, fmt.Sprintf("%s: %s may not import %s", where, name, shorten(ours)))
			}
		}
		if rule.pure {
			wrong = append(wrong, impurities(name, s)...)
		}
	}
	for name := range rules {
		if sources[name] == nil {
			wrong = append(wrong, fmt.Sprintf("the policy has a line for %s, which doesn't exist", name))
		}
	}
	slices.Sort(wrong)
	return wrong
}

func impurities(name string, s *source) []string {
	var wrong []string
	for _, imported := range impureImports {
		if where, ok := s.imports[imported]; ok {
			wrong = append(wrong, fmt.Sprintf("%s: %s is pure and may not import %s", where, name, imported))
		}
	}
	for _, call := range impureCalls {
		if where, ok := s.calls[call]; ok {
			wrong = append(wrong, fmt.Sprintf("%s: %s is pure: %s comes with the command", where, name, call))
		}
	}
	return wrong
}

func TestImportsFollowThePolicy(t *testing.T) {
	for _, line := range check(parsePolicy(t, policy), readSources(t, os.DirFS("."))) {
		t.Error(line)
	}
}

// The check itself must be able to fail, in each of its ways.
func TestPolicyCatchesEachKindOfBreach(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"internal/rules/a.go":    "package rules\nimport (\n\"os\"\n\"time\"\n\"segmentchallenge/internal/store\"\n)\nvar _ = os.Args\nvar _ = time.Now\nvar _ = store.X",
		"internal/store/a.go":    "package store\nconst X = 1",
		"internal/unlisted/a.go": "package unlisted",
		"internal/ok/a.go":       "package ok\nimport _ \"segmentchallenge/internal/store\"",
		"internal/ok/a_test.go":  "package ok\nimport _ \"segmentchallenge/internal/rules\"",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rules := parsePolicy(t, "LOW = store\npure rules:\nstore:\nok: LOW\ngone: store\n")
	got := check(rules, readSources(t, os.DirFS(root)))
	want := []string{
		"rules may not import store", "rules is pure and may not import os", "rules is pure: time.Now comes with",
		"unlisted has no line", "a line for gone",
	}
	for _, breach := range want {
		if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, breach) }) {
			t.Errorf("%q wasn't caught", breach)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d complaints, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
}
