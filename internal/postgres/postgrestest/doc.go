// Package postgrestest gives each test a PostgreSQL database of its own: real, fresh and migrated, in some 30 ms.
//
//	pool := postgrestest.New(t)            // a pool on a fresh database with the newest schema
//	other := postgrestest.Second(t, pool)  // another pool on the same database, as a second node has
//	empty := postgrestest.NewEmpty(t)      // without schema
//	url := postgrestest.NewURL(t)          // a fresh, migrated database for a program that opens it itself
//	pool, drop := postgrestest.Example()   // New for an example, which has no t
//	p := postgrestest.StartChild(t, pool, "name") // a process of its own on that database, to be killed
//
// All test processes of a user share one private server under the temporary folder; each test's database is copied from
// a template that is migrated once per state of the migrations. The server ends by itself a minute after the last test
// process. With TEST_DATABASE_URL the databases are made on that server instead; its user must be allowed to create
// databases.
package postgrestest
