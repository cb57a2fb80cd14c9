package live

import (
	"net"
	"net/http"
	"net/netip"
	"sync"

	"segmentchallenge/internal/refusal"
)

var (
	errFull    = refusal.New("too_many_sockets", "Too many people are watching here at the moment. The page stays up to date by itself.")
	errPerHost = refusal.New("too_many_sockets_per_address", "Too many connections come from your address at the moment.")
)

// limits count open sockets.
type limits struct {
	total, perIP int

	mu   sync.Mutex
	now  int
	byIP map[string]int
}

// enter counts one more socket; release has to be called when it is closed.
func (l *limits) enter(r *http.Request) (release func(), err error) {
	ip := countedAs(r.RemoteAddr)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now >= l.total {
		return nil, errFull
	}
	if ip != "" && l.byIP[ip] >= l.perIP {
		return nil, errPerHost
	}
	l.now++
	if ip != "" {
		l.byIP[ip]++
	}
	return func() { l.leave(ip) }, nil
}

func (l *limits) leave(ip string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now--
	if ip == "" {
		return
	}
	if l.byIP[ip]--; l.byIP[ip] <= 0 {
		delete(l.byIP, ip)
	}
}

func (l *limits) open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// countedAs is who an address is: itself, or its /64 for IPv6, of which everybody has one to themselves. It is empty for
// loopback and private addresses: behind them stands one's own proxy, with everybody behind it.
func countedAs(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() {
		return ""
	}
	if ip.Is6() {
		prefix, _ := ip.Prefix(64) // fails for IPv4 only
		return prefix.String()
	}
	return ip.String()
}
