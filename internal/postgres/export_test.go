package postgres

// MigrateFiles lets tests bring migrations of their own.
var MigrateFiles = migrateUp
