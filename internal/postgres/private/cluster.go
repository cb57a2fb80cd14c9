package private

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// run starts one of PostgreSQL's programs as id, in dir, and returns what it printed. Variables such as PGDATA or PGOPTIONS
// of ours are not its business.
func run(ctx context.Context, id identity, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.SysProcAttr = id.attributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // initdb's helpers, too
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "PG") || strings.HasPrefix(v, "LC_") || strings.HasPrefix(v, "LANG")
	})
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		text := strings.TrimSpace(out.String())
		return text, fmt.Errorf("%s as user %s: %w: %s", filepath.Base(program), id.name, errors.Join(ctx.Err(), err), text)
	}
	return out.String(), nil
}

// create makes the cluster. It is made beside its place and moved there when done, so that a crash half-way leaves
// nothing that looks like a cluster.
func (p place) create(ctx context.Context, id identity, programs Programs) error {
	unfinished := p.cluster() + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return err
	}
	if err := id.own(unfinished); err != nil {
		return err
	}
	// Trust is safe here: the socket lies in a folder of mode 0700, and there is no other way in.
	_, err := run(ctx, id, p.base, programs.Path("initdb"), "--pgdata", unfinished, "--username", superuser,
		"--encoding", "UTF8", "--locale", "C", "--auth-local", "trust", "--auth-host", "reject", "--no-instructions")
	if err != nil {
		return fmt.Errorf("make the private database: %w", err)
	}
	if err := include(unfinished); err != nil {
		return err
	}
	return os.Rename(unfinished, p.cluster())
}

// startServer runs pg_ctl, which leaves the server in a session of its own, so that no Ctrl-C reaches it, and waits until
// it takes connections. When ctx ends meanwhile, the server is told to stop and pg_ctl, which is waiting for it, comes
// back by itself: killed, it would leave a server that nobody has seen yet.
func (p place) startServer(ctx context.Context, id identity, programs Programs) error {
	patient := context.WithoutCancel(ctx)
	callOff := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(patient, stopTimeout)
		defer cancel()
		_ = p.stop(ctx) // whether it worked shows when the caller gives up its share
	})
	defer callOff()
	// Relative paths, since pg_ctl hands them to a shell without minding $ or quotes in them.
	_, err := run(patient, id, p.base, programs.Path("pg_ctl"), "start", "--pgdata", "cluster", "--log", "server.log",
		"--silent", "--wait", "--timeout", strconv.Itoa(int(startTimeout.Seconds())))
	return err
}

const settingsFile = "segment_challenge.conf"

// include makes postgresql.conf read our settings; the file itself is written anew at each start.
func include(cluster string) error {
	conf, err := os.OpenFile(filepath.Join(cluster, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(conf, "\ninclude_if_exists '%s' # written at each start\n", settingsFile)
	return errors.Join(err, conf.Close())
}

// configure writes the settings of this start, so that they follow the program's version and options.
func (p place) configure(id identity, opts Options) error {
	settings := []struct{ name, value string }{
		{"listen_addresses", ""},
		{"unix_socket_directories", p.socket},
		{"unix_socket_permissions", "0700"},
		{"port", "5432"}, // only names the socket
		{"max_connections", strconv.Itoa(max(opts.MaxConnections, defaultMaxConnections))},
		{"shared_buffers", "128MB"},
		{"max_wal_size", "1GB"},
		{"lc_messages", "C"},
		{"timezone", "UTC"},
		{"log_timezone", "UTC"},
		{"log_line_prefix", "%m [%p] %a "},
		{"logging_collector", "off"},
		{"log_checkpoints", "off"},
	}
	var text strings.Builder
	text.WriteString("# Written by segment-challenge at each start; put your own settings into postgresql.auto.conf.\n")
	for _, s := range settings {
		fmt.Fprintf(&text, "%s = '%s'\n", s.name, strings.ReplaceAll(s.value, "'", "''"))
	}
	path := filepath.Join(p.cluster(), settingsFile)
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return err
	}
	return id.own(path)
}

// maxLog bytes of server.log are kept; a bigger one is set aside at the next start, in place of the one before.
const maxLog = 10 << 20

func (p place) prepareLog(id identity) error {
	if info, err := os.Stat(p.log()); err == nil && info.Size() > maxLog {
		if err := os.Rename(p.log(), p.log()+".1"); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(p.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), id.own(p.log()))
}

// logTail gives the last lines of the log, for an error that has to say what went wrong.
func (p place) logTail() string {
	raw, err := os.ReadFile(p.log())
	if err != nil {
		return "(" + err.Error() + ")"
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}

// usable drops installations that id can't reach, such as a download under /root.
func usable(id identity, found []Programs) []Programs {
	return slices.DeleteFunc(found, func(p Programs) bool { return !id.canEnter(p.Dir) })
}

// pick finds programs for the cluster as it is now.
func (p place) pick(ctx context.Context, id identity, opts Options) (Programs, error) {
	major, err := p.clusterMajor()
	if err != nil {
		return Programs{}, err
	}
	all := Find(ctx, opts.ProgramDirs...)
	if ctx.Err() != nil {
		return Programs{}, ctx.Err() // what wasn't asked isn't missing
	}
	reachable := usable(id, slices.Clone(all))
	if len(reachable) == 0 && len(all) > 0 {
		return Programs{}, fmt.Errorf("%w that user %s may run: those in %s lie in a closed folder; %s",
			ErrNoPrograms, id.name, all[0].Dir, advice(runtime.GOOS, "postgresql"))
	}
	return choose(reachable, major)
}
