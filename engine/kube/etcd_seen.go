package kube

// What a server's own etcd says on the loopback port that K3s always opens for it, in plain HTTP. It is asked through the host's connection, so no
// tool is needed there.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// EtcdSeen is what a member says of itself.
type EtcdSeen struct {
	Healthy   bool
	HasLeader bool
	Leader    bool // it leads
	Learner   bool
	Members   int // that it knows, itself and dead ones included; 0: it does not say
	Changes   int // of the leader that it has seen since it began
}

func (s EtcdSeen) flaw() string {
	switch {
	case s.Learner:
		return "is a learner yet, and does not vote"
	case !s.HasLeader:
		return "sees no leader"
	case !s.Healthy:
		return "says itself that it is not healthy"
	}
	return ""
}

// etcdSilence is how long a member may take to answer.
const etcdSilence = 5 * time.Second

// ErrNoEtcd says that nothing listens where K3s' etcd would.
var ErrNoEtcd = errors.New("no etcd answers on port 2381 of this host")

// SeeEtcd asks the etcd of a host. IPv6-only hosts have it on ::1.
func SeeEtcd(ctx context.Context, v module.View) (EtcdSeen, error) {
	ctx, cancel := context.WithTimeout(ctx, etcdSilence)
	defer cancel()
	var last error
	for _, host := range []string{"127.0.0.1", "::1"} {
		address := net.JoinHostPort(host, "2381")
		c := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext:       func(ctx context.Context, network, _ string) (net.Conn, error) { return v.Dial(ctx, network, address) },
		}}
		metrics, err := fetchText(ctx, c, "http://"+address+"/metrics")
		if err != nil {
			last = err
			continue
		}
		health, err := fetchText(ctx, c, "http://"+address+"/health")
		if err != nil {
			return EtcdSeen{}, err
		}
		s := readEtcdMetrics(metrics)
		s.Healthy = strings.Contains(strings.ReplaceAll(health, " ", ""), `"health":"true"`)
		return s, nil
	}
	return EtcdSeen{}, fmt.Errorf("%w: %w", ErrNoEtcd, last)
}

// fetchText gets a text. A member that is not healthy says so with 503 and a body like the other.
func fetchText(ctx context.Context, c *http.Client, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	return string(text), err
}

// readEtcdMetrics reads the few lines that matter of a Prometheus text. The members known are one line each, the member's own too.
func readEtcdMetrics(text string) EtcdSeen {
	var s EtcdSeen
	for line := range strings.Lines(text) {
		name, val, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(val), 64)
		if err != nil {
			continue
		}
		switch {
		case name == "etcd_server_has_leader":
			s.HasLeader = n == 1
		case name == "etcd_server_is_leader":
			s.Leader = n == 1
		case name == "etcd_server_is_learner":
			s.Learner = n == 1
		case name == "etcd_server_leader_changes_seen_total":
			s.Changes = int(n)
		case strings.HasPrefix(name, "etcd_network_known_peers{") && n == 1:
			s.Members++
		}
	}
	return s
}
