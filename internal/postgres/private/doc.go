// Package private runs a PostgreSQL of our own, for people who just want to start the program.
//
// Start makes a cluster under the data directory, starts it on a unix socket that only this user (and root) can reach,
// and answers with a URL. PostgreSQL's own programs do the work; they're found on PATH or where the usual packages put
// them.
//
//	<data>/postgres/            the base; a link to /var/lib/segment-challenge/… when <data> lies in a closed folder
//	<data>/postgres/cluster     PGDATA
//	<data>/postgres/socket      mode 0700; elsewhere when the path would be too long for a socket
//	<data>/postgres/server.log  what PostgreSQL said
//	<data>/postgres.start.lock  held while somebody starts or stops the server
//	<data>/postgres.users.lock  held, shared, by every process that uses it
//
// Any number of processes may use one data directory: the first starts the server, the others attach, the last to Stop
// stops it. The kernel lets go of a killed process's locks, so there is nothing to clean up after a crash: the server
// goes on, and whoever comes next attaches to it and takes it over.
//
// PostgreSQL refuses to run as root. Started as root, its programs run as the owner of the cluster: the user postgres,
// or nobody where there is no such user.
package private
