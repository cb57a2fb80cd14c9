package notify_test

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is a mail server (emersion/go-smtp) on a port of this machine, which keeps what it takes.
type server struct {
	user     string // with password: AUTH PLAIN is offered and needed
	password string
	refuse   string // recipients with this in their address don't exist here
	tls      bool   // from the first byte
	// taking is called with each mail before it is taken; an error refuses it.
	taking func(envelope) error

	mu  sync.Mutex
	got []envelope
}

type envelope struct {
	from, to string
	data     []byte
}

// header reads the mail's head.
func (e envelope) header(t testing.TB) netmail.Header {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(e.data))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header
}

// startServer answers with the address; the server ends with the test.
func startServer(t testing.TB, s *server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return s.serve(t, l)
}

func (s *server) serve(t testing.TB, l net.Listener) string {
	t.Helper()
	if s.tls {
		l = tls.NewListener(l, certificate(t))
	}
	speaker := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{server: s, known: s.user == ""}, nil
	}))
	speaker.Domain, speaker.AllowInsecureAuth, speaker.ErrorLog = "localhost", true, silent{}
	var done sync.WaitGroup
	done.Go(func() { _ = speaker.Serve(l) })
	t.Cleanup(func() { speaker.Close(); done.Wait() })
	return l.Addr().String()
}

// silent drops what the server has to say of clients that hang up, which some tests make.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// certificate is one for 127.0.0.1 that this process trusts: SSL_CERT_FILE is read when the first connection is verified.
func certificate(t testing.TB) *tls.Config {
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

// session is one connection.
type session struct {
	server *server
	known  bool
	mail   envelope
}

func (x *session) AuthMechanisms() []string {
	if x.server.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if x.known = user == x.server.user && password == x.server.password; x.known {
			return nil
		}
		return smtp.ErrAuthFailed
	}), nil
}

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if !x.known {
		return &smtp.SMTPError{Code: 530, Message: "sign in first"}
	}
	x.mail = envelope{from: from}
	return nil
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if x.server.refuse != "" && strings.Contains(to, x.server.refuse) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	x.mail.to = to
	return nil
}

func (x *session) Data(r io.Reader) (err error) {
	if x.mail.data, err = io.ReadAll(r); err != nil {
		return err
	}
	if x.server.taking != nil {
		if err := x.server.taking(x.mail); err != nil {
			return err
		}
	}
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	x.server.got = append(x.server.got, x.mail)
	return nil
}

func (x *session) Reset()        { x.mail = envelope{} }
func (x *session) Logout() error { return nil }

func (s *server) mails() []envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]envelope(nil), s.got...)
}
