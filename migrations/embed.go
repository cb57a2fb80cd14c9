// Package migrations holds the database schema as numbered SQL files, embedded so that the program carries its own.
//
// 000001_name.up.sql makes a change, 000001_name.down.sql takes it back. Each file runs in one transaction together
// with the note that it ran (see internal/postgres), so it must not contain begin, commit or anything that refuses to
// run inside a transaction. Once released a file is never edited; a new number corrects it.
package migrations

import "embed"

// FS holds the SQL files at its root.
//
//go:embed *.sql
var FS embed.FS
