package guard

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// Options say what is special about this place; the zero value is safe for a program that people reach directly.
type Options struct {
	BaseURL        string       // https://club.example: its origin may send forms; https asks browsers to stay with it
	TrustedProxies []string     // networks (10.0.0.0/8) or addresses whose X-Forwarded-For is believed
	MaxUpload      int64        // bytes of a request with files; 0 is 100 MiB
	MaxBody        int64        // bytes of every other request; 0 is 1 MiB
	Log            *slog.Logger // nil is slog.Default
}

// Guard is the set of middlewares.
type Guard struct {
	Options
	origins *http.CrossOriginProtection
	https   bool
}

// New checks the options. It errs on a base URL that's no origin and on proxies that are no networks.
func New(o Options) (*Guard, error) {
	if o.MaxUpload == 0 {
		o.MaxUpload = 100 << 20
	}
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 20
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	g := &Guard{Options: o, origins: http.NewCrossOriginProtection(), https: strings.HasPrefix(o.BaseURL, "https://")}
	if o.BaseURL != "" {
		if err := g.origins.AddTrustedOrigin(strings.TrimSuffix(o.BaseURL, "/")); err != nil {
			return nil, fmt.Errorf("base URL %q: %w", o.BaseURL, err)
		}
	}
	g.origins.SetDenyHandler(http.HandlerFunc(g.foreign))
	networks, err := prefixes(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	g.TrustedProxies = networks
	return g, nil
}

// prefixes takes single addresses too, which people write for the one proxy they have.
func prefixes(networks []string) ([]string, error) {
	var out []string
	for _, n := range networks {
		n = strings.TrimSpace(n)
		if address, err := netip.ParseAddr(n); err == nil {
			n = netip.PrefixFrom(address, address.BitLen()).String()
		}
		if _, err := netip.ParsePrefix(n); err != nil {
			return nil, fmt.Errorf("trusted proxy %q is neither an address nor a network like 10.0.0.0/8", n)
		}
		out = append(out, n)
	}
	return out, nil
}

// Use puts the middlewares before everything that r serves. The order matters: a request has its number before it's logged,
// and is logged also when a later one refuses it.
func (g *Guard) Use(r chi.Router) {
	r.Use(numbered, g.clientIP(), g.logged, g.rescued, g.secured, g.origins.Handler, g.bounded)
}

func (g *Guard) clientIP() func(http.Handler) http.Handler {
	if len(g.TrustedProxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	return middleware.ClientIPFromXFF(g.TrustedProxies...)
}
