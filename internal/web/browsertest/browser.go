package browsertest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Options say what kind of reader sits before the screen; the zero value is a phone in a bright room.
type Options struct {
	Width, Height int64 // CSS pixels; 0 is 360 × 800
	Dark          bool  // the system's theme
	NoScript      bool
	Calm          bool     // asks for less motion
	Expect        []string // parts of errors in the console that belong to the test
	Timeout       time.Duration
}

// names under which Chromium is installed by the packages of the usual systems.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell", "headless-shell"}

// Open starts a browser with one empty tab, for chromedp.Run. At the end of the test it's closed, and the test fails if the
// console had errors: broken script, files that aren't there, anything that the Content-Security-Policy stopped.
func Open(t testing.TB, o Options) context.Context {
	t.Helper()
	path := find(t)
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	ctx, closeBrowser := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(closeBrowser)
	ctx, closeTab := chromedp.NewContext(ctx)
	return begin(t, ctx, closeTab, o)
}

// begin makes a tab ready for chromedp.Run.
func begin(t testing.TB, ctx context.Context, closeTab func(), o Options) context.Context {
	t.Helper()
	if o.Width == 0 {
		o.Width, o.Height = 360, 800
	}
	if o.Timeout == 0 {
		o.Timeout = 90 * time.Second
	}
	t.Cleanup(closeTab)
	if err := setUp(ctx, o); err != nil {
		t.Fatalf("browser: %v", err)
	}
	watchConsole(t, ctx, o.Expect)
	ctx, cancel := context.WithTimeout(ctx, o.Timeout) // of what is done in the tab; the browser itself must not have one
	t.Cleanup(cancel)
	return ctx
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no Chromium on PATH: install the package chromium")
	}
	t.Skip("no Chromium on PATH")
	return ""
}

func setUp(ctx context.Context, o Options) error {
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "no-preference"}}
	if o.Dark {
		features[0].Value = "dark"
	}
	if o.Calm {
		features[1].Value = "reduce"
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(o.Width, o.Height)); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		return err
	}
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: o.NoScript})
	return err
}

// watchConsole fails the test at its end for every error in the console that isn't expected.
func watchConsole(t testing.TB, ctx context.Context, expected []string) {
	ctx, stop := context.WithCancel(ctx)
	messages := chromedp.Console(ctx)
	done := make(chan []string)
	go func() {
		var problems []string
		for m, err := range messages {
			if err != nil {
				break
			}
			if (m.IsException() || m.Type == "error") && !anyIn(m.Text+" "+m.URL, expected) {
				problems = append(problems, m.Text+" "+m.URL)
			}
		}
		done <- problems
	}()
	t.Cleanup(func() {
		stop()
		for _, problem := range <-done {
			t.Errorf("browser console: %s", problem)
		}
	})
}

func anyIn(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
