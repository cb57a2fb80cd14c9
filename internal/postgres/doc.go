// Package postgres is the way to the database: a pool, transactions and the schema.
//
//   - Open gives a pgxpool with the settings that every part of the program shares.
//   - WithTx runs a function in a transaction; the pgx.Tx is always an explicit argument, never hidden in a context.
//   - Migrate, MigrateDown and MigrationStatus move and tell the schema (files in migrations/).
//   - private starts a PostgreSQL of our own when there is no DATABASE_URL.
//   - postgrestest gives each test a fresh, migrated database.
package postgres
