package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Config is every setting. Each flag has an environment twin; `segment-challenge config` prints them all.
type Config struct {
	DatabaseURL    string     `help:"PostgreSQL to use (postgres://…). Empty: a private one under --data-dir." env:"DATABASE_URL" secret:"url"`
	DataDir        string     `help:"Where the private database lives." default:"./data" env:"DATA_DIR" type:"path"`
	Addr           string     `help:"Address to listen on; port 0 picks a free one." default:"127.0.0.1:8080" env:"ADDR"`
	BaseURL        string     `help:"Address that people reach the site at, for links in mails. Empty: what --addr says." env:"BASE_URL"`
	SMTPURL        string     `name:"smtp-url" help:"Mail server (smtp://user:password@host:587). Empty: mails are kept and shown at /dev/mailbox." env:"SMTP_URL" secret:"url"`
	MailFrom       string     `help:"Sender of mails." default:"Segment Challenge <noreply@localhost>" env:"MAIL_FROM"`
	TrustedProxies []string   `help:"Networks (10.0.0.0/8) whose X-Forwarded-For is believed." env:"TRUSTED_PROXIES"`
	MasterKey      string     `help:"Encrypts the keys that seal personal data in the log: 32 random bytes in base64 (openssl rand -base64 32). Empty: those keys are stored unencrypted." env:"MASTER_KEY" secret:""`
	AcceptKeys     []string   `name:"accept-master-keys" help:"Other master keys, with commas between them, that open what they have encrypted: while the master key is changed (keys rotate)." env:"ACCEPT_MASTER_KEYS" secret:""`
	SiteName       string     `help:"What the site calls itself." default:"Segment Challenge" env:"SITE_NAME"`
	Dev            bool       `help:"Show /dev/mailbox also where --addr isn't a loopback address." env:"DEV"`
	AuditDays      int        `help:"How many days the audit of commands is kept; 0: for ever." default:"400" env:"AUDIT_DAYS"`
	MetricsAddr    string     `help:"Address that gives Prometheus its figures (/metrics) to whoever asks. Empty: --addr does, to this machine only, unless the site has a public --base-url." env:"METRICS_ADDR"`
	OTLPEndpoint   string     `name:"otlp-endpoint" help:"OpenTelemetry collector to send traces to, such as http://localhost:4318. Empty: none are made." env:"OTEL_EXPORTER_OTLP_ENDPOINT" secret:"url"`
	TraceRatio     float64    `help:"Share of requests that are traced, 0 to 1." default:"1" env:"TRACE_RATIO"`
	LogLevel       slog.Level `help:"debug, info, warn or error." default:"info" env:"LOG_LEVEL"`
}

// auditTime is how long the audit keeps what it was told, in its words.
func (c *Config) auditTime() time.Duration {
	if c.AuditDays <= 0 {
		return -1
	}
	return time.Duration(c.AuditDays) * 24 * time.Hour
}

// print writes one line a setting: name, value (secrets masked), where it comes from, what it means.
func (c *Config) print(w io.Writer, flags []*kong.Flag) {
	for _, f := range flags {
		if f.Name == "help" {
			continue
		}
		fmt.Fprintf(w, "%-18s %-42s %-24s %s\n", "--"+f.Name, mask(f), origin(f), f.Help)
	}
}

func mask(f *kong.Flag) string {
	value := fmt.Sprint(f.Target.Interface())
	if f.Tag.Has("secret") && value != "" {
		return redacted(value)
	}
	if value == "" || value == "[]" {
		return "-"
	}
	return value
}

// redacted shows where something is, and no password: neither before the host nor among the parameters.
func redacted(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "(set)"
	}
	params := u.Query()
	for name := range params {
		if strings.Contains(strings.ToLower(name), "password") {
			params.Set(name, "xxxxx")
		}
	}
	u.RawQuery = params.Encode()
	return u.Redacted()
}

func origin(f *kong.Flag) string {
	for _, arg := range os.Args[1:] {
		if arg == "--"+f.Name || strings.HasPrefix(arg, "--"+f.Name+"=") {
			return "command line"
		}
	}
	for _, env := range f.Envs {
		if os.Getenv(env) != "" {
			return "environment " + env
		}
	}
	return "default"
}
