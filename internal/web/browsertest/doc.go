// Package browsertest opens pages in a real browser (Chromium, headless) for tests: at a size, in a theme, with or without
// script; and looks at them with axe-core for what shuts people out.
//
// A test that uses it needs Chromium on PATH. Where there is none it's skipped, except in CI, where it fails.
//
// axe.min.js is axe-core 4.14.1 (npm package axe-core, MPL-2.0), unchanged,
// sha256 29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c.
package browsertest
