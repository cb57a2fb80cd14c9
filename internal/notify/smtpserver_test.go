package notify_test

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// server speaks enough SMTP (RFC 5321) over a real connection to take mails, and says no where it is told to.
type server struct {
	listener net.Listener
	user     string // with password: AUTH PLAIN is offered and needed
	password string
	refuse   string // recipient that doesn't exist here
	tls      bool   // from the first byte

	mu   sync.Mutex
	got  []envelope
	done sync.WaitGroup
}

type envelope struct {
	from, to string
	data     []byte
}

func startServer(t *testing.T, s *server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.tls {
		l = tls.NewListener(l, certificate(t))
	}
	s.listener = l
	s.done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.done.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); s.done.Wait() })
	return l.Addr().String()
}

// certificate is one for 127.0.0.1 that this process trusts: SSL_CERT_FILE is read when the first connection is verified.
func certificate(t *testing.T) *tls.Config {
	t.Helper()
	h := httptest.NewTLSServer(nil)
	defer h.Close()
	file := filepath.Join(t.TempDir(), "root.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	return &tls.Config{Certificates: h.TLS.Certificates}
}

func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	text := textproto.NewConn(conn)
	say := func(format string, args ...any) { _ = text.PrintfLine(format, args...) }
	say("220 test ESMTP")
	mail, known := envelope{}, s.user == ""
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			if s.user != "" {
				say("250-test\r\n250 AUTH PLAIN")
			} else {
				say("250 test")
			}
		case "AUTH":
			want := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "\x00%s\x00%s", s.user, s.password))
			if known = rest == "PLAIN "+want; known {
				say("235 welcome")
			} else {
				say("535 wrong user or password")
			}
		case "MAIL":
			mail = envelope{from: rest}
			if known {
				say("250 ok")
			} else {
				say("530 sign in first")
			}
		case "RCPT":
			if s.refuse != "" && strings.Contains(rest, s.refuse) {
				say("550 no such mailbox")
				continue
			}
			mail.to = rest
			say("250 ok")
		case "DATA":
			say("354 go on")
			mail.data, err = io.ReadAll(text.DotReader())
			if err != nil {
				return
			}
			s.mu.Lock()
			s.got = append(s.got, mail)
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *server) mails() []envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]envelope(nil), s.got...)
}
