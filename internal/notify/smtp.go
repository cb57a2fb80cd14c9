package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/wneessen/go-mail"
)

// smtpTimeout is how long a server may take for the whole of one mail.
const smtpTimeout = 20 * time.Second

// SMTPSettings say by which server mail goes out.
type SMTPSettings struct {
	// URL in one piece: smtp://user:password@host:587, smtps:// for TLS from the first byte (465). Behind smtp:// TLS is
	// used where the server offers it; ?tls=required insists on it, ?tls=none never asks (a relay on the same machine).
	URL string

	// Or in pieces; those that are set win over the URL's.
	Host     string
	Port     int
	User     string
	Password string

	From string // "Segment Challenge <noreply@club.example>"; empty: noreply@ and the host
}

// Set says whether a server is named at all.
func (s SMTPSettings) Set() bool { return s.URL != "" || s.Host != "" }

// SMTP sends by a mail server, one connection a mail.
type SMTP struct {
	from    string
	domain  string // of the sender, in message ids
	host    string
	tls     bool // from the first byte
	options []mail.Option
}

// NewSMTP reads the settings; nothing is connected yet. Errors name the setting and never hold the password.
func NewSMTP(s SMTPSettings) (*SMTP, error) {
	scheme, policy, err := s.applyURL()
	if err != nil {
		return nil, err
	}
	if s.From == "" {
		s.From = "noreply@" + s.Host
	}
	sender, err := netmail.ParseAddress(s.From)
	if err != nil {
		return nil, fmt.Errorf("mail sender %q: need an address such as Club <noreply@club.example>", s.From)
	}
	_, domain, _ := strings.Cut(sender.Address, "@")
	m := &SMTP{from: s.From, domain: domain, host: s.Host, options: []mail.Option{mail.WithTimeout(smtpTimeout)}}
	if m.tls = scheme == "smtps"; m.tls {
		m.options = append(m.options, mail.WithSSLPort(false))
	} else {
		m.options = append(m.options, mail.WithTLSPortPolicy(policy))
	}
	if s.Port != 0 {
		m.options = append(m.options, mail.WithPort(s.Port))
	}
	if s.User != "" {
		m.options = append(m.options, mail.WithOpportunisticSMTPAuth(signIns(policy)...), mail.WithUsername(s.User),
			mail.WithPassword(s.Password))
	}
	if _, err := mail.NewClient(m.host, m.options...); err != nil {
		return nil, fmt.Errorf("mail server settings: %w", err)
	}
	return m, nil
}

// applyURL fills in what the single settings leave open.
func (s *SMTPSettings) applyURL() (scheme string, policy mail.TLSPolicy, err error) {
	if s.URL == "" {
		if s.Port == 465 {
			return "smtps", mail.TLSMandatory, nil
		}
		return "smtp", mail.TLSOpportunistic, nil
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		// The parser's own error would repeat the URL, password included.
		return "", 0, fmt.Errorf("mail server URL: need smtp://user:password@host:587 or smtps://…")
	}
	port, _ := strconv.Atoi(u.Port())
	password, _ := u.User.Password()
	s.Host, s.Port = or(s.Host, u.Hostname()), or(s.Port, port)
	s.User, s.Password = or(s.User, u.User.Username()), or(s.Password, password)
	switch wanted := u.Query().Get("tls"); wanted {
	case "":
		return u.Scheme, mail.TLSOpportunistic, nil
	case "required":
		return u.Scheme, mail.TLSMandatory, nil
	case "none":
		return u.Scheme, mail.NoTLS, nil
	default:
		return "", 0, fmt.Errorf("mail server URL: tls=%q: need required or none", wanted)
	}
}

// signIns are the ways of signing in, best first. Without TLS a password goes out in the clear only to this very machine,
// or where the settings say tls=none.
func signIns(policy mail.TLSPolicy) []mail.SMTPAuthType {
	ways := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1}
	if policy == mail.NoTLS {
		return append(ways, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc)
	}
	return append(ways, mail.SMTPAuthPlain, mail.SMTPAuthLogin)
}

func or[T comparable](set, otherwise T) T {
	var zero T
	if set != zero {
		return set
	}
	return otherwise
}

// Send delivers one mail to the server.
func (s *SMTP) Send(ctx context.Context, m Mail) error {
	message, err := s.message(m)
	if err != nil {
		return err
	}
	var conn net.Conn // the library doesn't close it when signing in fails
	dial := func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		conn, err = s.dial(ctx, network, address)
		return conn, err
	}
	defer func() {
		if conn != nil {
			_ = conn.Close() // a second time where all went well
		}
	}()
	client, err := mail.NewClient(s.host, append(s.options[:len(s.options):len(s.options)], mail.WithDialContextFunc(dial))...)
	if err != nil {
		return fmt.Errorf("mail server settings: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, smtpTimeout)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return fmt.Errorf("mail server %s: %w", s.host, plain(err))
	}
	return nil
}

// plain takes the recipient out of an error, which ends up in logs and in the outbox, and tells what is refused for good.
func plain(err error) error {
	var failed *mail.SendError
	if !errors.As(err, &failed) {
		return err
	}
	code := failed.ErrorCode()
	aboutTheMail := failed.Reason == mail.ErrSMTPRcptTo || failed.Reason == mail.ErrSMTPData || failed.Reason == mail.ErrSMTPDataClose
	if aboutTheMail && code >= 500 && code < 600 {
		return &RefusedError{Code: code}
	}
	return fmt.Errorf("%s (code %d)", failed.Reason, code)
}

func (s *SMTP) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if !s.tls {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	config := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	return (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
}

func (s *SMTP) message(m Mail) (*mail.Msg, error) {
	message := mail.NewMsg()
	if err := message.From(s.from); err != nil {
		return nil, fmt.Errorf("mail sender: %w", err)
	}
	if err := message.To(m.To); err != nil {
		return nil, fmt.Errorf("mail recipient: %w", err)
	}
	message.Subject(strings.Join(strings.Fields(m.Subject), " ")) // a line feed in a subject would begin another header
	message.SetDate()
	if m.ID == uuid.Nil {
		message.SetMessageID()
	} else {
		message.SetMessageIDWithValue(m.ID.String() + "@" + s.domain)
	}
	if m.Unsubscribe != "" {
		message.SetGenHeader(mail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		message.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no vacation replies, please
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	message.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return message, nil
}
