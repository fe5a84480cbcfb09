package network_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/network"
)

// answer is what the probe says: whether firewalld runs, and output, errors and status of the queries for good and now.
func answer(running string, parts ...string) string {
	return strings.Join(append([]string{"/usr/bin/firewall-cmd", running, "public"}, parts...), "\x00") + "\x00"
}

// TestFirewalld holds what Ansible was seen to answer, without a firewall that runs, and what follows for one that does.
func TestFirewalld(t *testing.T) {
	yes, no, none := []string{"", "", "0"}, []string{"", "", "1"}, []string{"", "", ""}
	join := func(running string, good, now []string) string {
		return answer(running, append(append([]string{}, good...), now...)...)
	}
	forward := []any{value.NewMap("port", 443, "proto", "tcp", "toport", 8443)}
	for _, c := range []struct {
		name, seen string
		args       []any
		runs       string
		want       string
	}{
		{"a new service", join("n", no, none), []any{"service", "https", "permanent", true}, "firewall-offline-cmd --zone=public --add-service=https",
			"True Permanent operation, Changed service https to enabled, (offline operation: only on-disk configs were altered)"},
		{"a service that is there", join("n", yes, none), []any{"service", "https", "permanent", true}, "", "False Permanent operation, (offline operation: only on-disk configs were altered)"},
		{"a service removed", join("n", yes, none), []any{"service", "ssh", "permanent", true, "state", "disabled"}, "firewall-offline-cmd --zone=public --remove-service-from-zone=ssh",
			"True Permanent operation, Changed service ssh to disabled, (offline operation: only on-disk configs were altered)"},
		{"now only, with a timeout", join("y", none, no), []any{"port", "6443/tcp", "timeout", 60}, "firewall-cmd --zone=public --add-port=6443/tcp --timeout=60",
			"True Non-permanent operation, Changed port 6443/tcp to enabled"},
		{"for good and now, where now is missing", join("y", yes, no), []any{"port", "6443/tcp", "permanent", true, "immediate", true}, "firewall-cmd --zone=public --add-port=6443/tcp",
			"True Permanent and Non-Permanent(immediate) operation, Changed port 6443/tcp to enabled"},
		{"for good, of one that runs", join("y", no, none), []any{"rich_rule", "rule accept", "permanent", true}, "firewall-cmd --permanent --zone=public --add-rich-rule=rule accept",
			"True Permanent operation, Changed rich_rule rule accept to enabled"},
		{"now, of one that does not run", join("n", none, none), []any{"port", "6443/tcp"}, "", "failed firewall is not currently running, unable to perform immediate actions without a running firewall daemon"},
		{"now if it runs", join("n", yes, none), []any{"port", "6443/tcp", "permanent", true, "immediate", true, "offline", true}, "", "False Permanent operation, (offline operation: only on-disk configs were altered)"},
		{"offline, not for good", join("n", none, none), []any{"service", "ssh", "offline", true}, "", "failed offline cannot be enabled unless permanent changes are allowed"},
		{"a source", join("n", no, none), []any{"source", "10.42.0.0/16", "permanent", true}, "firewall-offline-cmd --zone=public --add-source=10.42.0.0/16",
			"True Permanent operation, Added 10.42.0.0/16 to zone public, (offline operation: only on-disk configs were altered)"},
		{"an interface", join("y", no, none), []any{"interface", "eth9", "zone", "public", "permanent", true}, "firewall-cmd --permanent --zone=public --change-interface=eth9",
			"True Permanent operation, Changed eth9 to zone public"},
		{"no masquerade", join("y", yes, none), []any{"masquerade", false, "permanent", true}, "firewall-cmd --permanent --zone=public --remove-masquerade", "True Permanent operation, Removed masquerade from zone public"},
		{"no masquerade disabled", join("y", no, none), []any{"masquerade", false, "permanent", true, "state", "disabled"}, "firewall-cmd --permanent --zone=public --add-masquerade", "True Permanent operation, Added masquerade to zone public"},
		{"a port passed on", join("y", no, none), []any{"port_forward", forward, "permanent", true}, "firewall-cmd --permanent --zone=public --add-forward-port=port=443:proto=tcp:toport=8443:toaddr=",
			"True Permanent operation, Changed port_forward port=443:proto=tcp:toport=8443:toaddr= to enabled"},
		{"a new zone", join("y", []string{"block", "", "0"}, none), []any{"zone", "public2", "permanent", true, "state", "present"}, "firewall-cmd --permanent --new-zone=public",
			"True Permanent operation, Added zone public, Changed zone public2 to present"},
		{"a zone now", join("y", none, []string{"public", "", "0"}), []any{"zone", "public", "state", "absent"}, "", "failed Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or the 'immediate' flag to 'true'."},
		{"a target", join("y", []string{"default", "", "0"}, none), []any{"zone", "public", "target", "DROP", "permanent", true}, "firewall-cmd --permanent --zone=public --set-target=DROP", "True Permanent operation, Set zone public target to DROP"},
		{"no such zone", join("y", []string{"", "Error: INVALID_ZONE: nope", "112"}, none), []any{"service", "http", "zone", "nope", "permanent", true}, "", "failed ERROR: Exception caught: INVALID_ZONE: nope"},
		{"no protocol", "", []any{"port", "22", "permanent", true}, "", "failed improper port format (missing protocol?)"},
		{"half a port passed on", "", []any{"port_forward", []any{value.NewMap("port", 443, "proto", "tcp")}}, "", "failed toport must be specified for port forward"},
		{"nothing passed on", "", []any{"port_forward", []any{&value.Map{}}}, "", "failed port must be specified for port forward"},
		{"two at once", "", []any{"service", "http", "port", "1/tcp"}, "", "failed parameters are mutually exclusive: icmp_block"},
		{"a service present", "", []any{"service", "http", "state", "present"}, "", "failed absent and present state can only be used in zone level operations"},
		{"an interface without a zone", "", []any{"interface", "eth9"}, "", "failed missing parameter(s) required by 'interface': zone"},
	} {
		s := moduletest.NewScript(t, moduletest.Answer{On: "script: look at firewalld*", Stdout: c.seen}, moduletest.Answer{On: "script: run firewall-*", Writes: true})
		got, runs := firewalldSays(t, s, value.NewMap(append([]any{"state", "enabled"}, c.args...)...))
		if !strings.HasPrefix(got, c.want) || runs != c.runs {
			t.Errorf("%s:\nanswered %s\nwant     %s\nran  %s\nwant %s", c.name, got, c.want, runs, c.runs)
		}
	}
}

// TestFirewalldIsAskedOnce runs the probe itself: a query of firewall-cmd takes half a second, so each is to be made once.
func TestFirewalldIsAskedOnce(t *testing.T) {
	for _, c := range []struct {
		args *value.Map
		runs string
		kind module.Kind
	}{
		{value.NewMap("service", "ssh", "state", "enabled", "permanent", true, "immediate", true), "--permanent --zone=public --query-service=ssh\n--zone=public --query-service=ssh\n", module.KindChange},
		{value.NewMap("zone", "public", "target", "DROP", "state", "enabled", "permanent", true), "--permanent --zone=public --get-target\n", module.KindDone},
		{value.NewMap("zone", "home", "state", "present", "permanent", true), "--permanent --get-zones\n", module.KindDone},
		{value.NewMap("zone", "none", "service", "ssh", "state", "enabled", "permanent", true), "--permanent --zone=none --query-service=ssh\n", module.KindDone},
	} {
		h := moduletest.NewHost(t)
		h.Command(t, "firewall-cmd", `case "$*" in
--state) exit 0 ;;
--get-default-zone) echo public; exit ;;
esac
echo "$*" >>"$CALLS"
case "$*" in
*=none*) echo "Error: INVALID_ZONE: none" >&2; exit 112 ;;
*--get-target) echo DROP ;;
*--get-zones) echo block home public ;;
--permanent*) echo yes ;;
*) echo no; exit 1 ;;
esac`)
		p, err := network.Firewalld.Plan(t.Context(), h.View(), c.args)
		if err != nil {
			t.Fatal(err)
		}
		runs, err := os.ReadFile(filepath.Join(h.Dir, ".calls"))
		if err != nil || string(runs) != c.runs || p.Kind() != c.kind {
			t.Errorf("%s: a plan of kind %d, %s; asked %v\n%s", value.Repr(c.args), p.Kind(), value.Repr(moduletest.Flat(p.Result())), err, runs)
		}
		if failed := c.args.Value("zone") == "none"; p.Result().Failed != failed || failed && p.Result().Msg != "ERROR: Exception caught: INVALID_ZONE: none" {
			t.Errorf("%s: answered %s", value.Repr(c.args), value.Repr(moduletest.Flat(p.Result())))
		}
	}
}

func firewalldSays(t *testing.T, s *moduletest.Script, args *value.Map) (got, runs string) {
	t.Helper()
	p, err := network.Firewalld.Plan(context.Background(), s.View(), args)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Result()
	if p.Kind() != module.KindDone {
		if r, err = p.Apply()(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	for _, call := range s.Calls() {
		if rest, ok := strings.CutPrefix(call.Line, "script: run "); ok {
			runs = rest
		}
	}
	if r.Failed {
		return "failed " + r.Msg, runs
	}
	return value.Str(r.Changed) + " " + value.Str(r.Data.Value("msg")), runs
}
