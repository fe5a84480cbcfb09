package module

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/value"
)

func TestLineDisrupts(t *testing.T) {
	cases := []struct{ line, want string }{
		{"reboot", "reboot reboot"},
		{"/sbin/reboot -f", "reboot reboot"},
		{"sudo -n -u root reboot", "reboot reboot"},
		{"shutdown -r +1 'patched'", "reboot shutdown"},
		{"[ -f /var/run/reboot-required ] && reboot", "reboot reboot"},
		{"if needs-restarting -r; then :; else systemctl reboot; fi", "reboot systemctl reboot"},
		{"sh -c 'sleep 2 && /sbin/shutdown -r now' &", "reboot shutdown"},
		{"nohup bash -lc \"(sleep 5; reboot) >/dev/null 2>&1\" &", "reboot reboot"},
		{"LC_ALL=C timeout 30 reboot", "reboot reboot"},
		{"init 6", "reboot init 6"},
		{"kexec -e", "reboot kexec"},
		{"poweroff; true", "reboot poweroff"},
		{"systemctl --no-block poweroff", "reboot systemctl poweroff"},
		{"/usr/local/bin/k3s-killall.sh", "stop k3s-killall.sh"},
		{"sh /usr/local/bin/k3s-agent-uninstall.sh", "stop k3s-agent-uninstall.sh"},
		{"systemctl restart k3s-agent", "restart restart of k3s-agent"},
		{"systemctl stop foo k3s.service", "restart stop of k3s"},
		{"systemctl disable --now k3s", "restart stop of k3s"},
		{"service k3s restart", "restart restart of k3s"},
		{"rc-service k3s stop", "restart stop of k3s"},
		{"/etc/init.d/open-iscsi restart", "stop restart of open-iscsi"},
		{"systemctl restart iscsid containerd", "stop restart of iscsid"},
		{"curl -sfL https://get.k3s.io | INSTALL_K3S_CHANNEL=stable sh -", "restart installation of K3s"},
		{"kubectl drain n1 --ignore-daemonsets", "drain drain of node n1 @n1"},
		{"k3s kubectl --kubeconfig /k drain --timeout 60s node/n1", "drain drain of node n1 @n1 by /k"},
		{"kubectl --kubeconfig=/k cordon n1", "cordon cordon of node n1 @n1 by /k"},
		{"kubectl cordon n1", "cordon cordon of node n1 @n1"},
		{"kubectl uncordon n1", "uncordon uncordon of node n1 @n1"},
		{"kubectl delete node n1", "drain deletion of node n1 @n1"},
		{"kubectl delete nodes/n1", "drain deletion of node n1 @n1"},
		{`kubectl patch node n1 -p '{"spec":{"unschedulable":true}}'`, "cordon cordon of node n1 @n1"},
		{"apt-get -y dist-upgrade", "upgrade upgrade of all packages"},
		{"DEBIAN_FRONTEND=noninteractive apt-get update && apt-get -y upgrade", "upgrade upgrade of all packages"},
		{"dnf -y update", "upgrade upgrade of all packages"},
		{"yum install -y kernel-5.14.0", "upgrade upgrade of kernel-5.14.0"},
		{"# a comment\nreboot", "reboot reboot"},
		{"kubectl cordon n1; reboot", "reboot reboot"},
		{"echo 'it''s unfinished && reboot", ""},

		{"echo reboot", ""},
		{"echo 'now; reboot'", ""},
		{"grep shutdown /var/log/syslog", ""},
		{"journalctl -u k3s --since yesterday | grep reboot", ""},
		{"cat /var/run/reboot-required", ""},
		{"test -f /var/run/reboot-required", ""},
		{"last reboot", ""},
		{"who -b # reboot", ""},
		{"shutdown -c", ""},
		{"shutdown --help", ""},
		{"which reboot shutdown", ""},
		{"command -v k3s-killall.sh", ""},
		{"ls -l /usr/local/bin/k3s-killall.sh", ""},
		{"systemctl status k3s", ""},
		{"systemctl is-active k3s-agent iscsid", ""},
		{"systemctl start k3s", ""},
		{"systemctl disable k3s", ""},
		{"systemctl restart nginx", ""},
		{"systemctl restart k3sish", ""},
		{"kubectl get nodes", ""},
		{"kubectl drain --help", ""},
		{"kubectl drain n1 --dry-run=server", ""},
		{"kubectl delete pod n1", ""},
		{"kubectl delete pod/node", ""},
		{"kubectl describe node n1", ""},
		{"kubectl rollout restart deployment/reboot", ""},
		{"apt-get update", ""},
		{"apt-get install -y vim", ""},
		{"apt-get -s dist-upgrade", ""},
		{"dnf check-update", ""},
		{"kexec -l /boot/vmlinuz", ""},
		{"curl https://example.org/get", ""},
		{"", ""},
	}
	for _, c := range cases {
		if got := short(LineDisrupts(c.line)); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

func short(d Disruption) string {
	if d.Kind == NoDisruption {
		return ""
	}
	s := string(d.Kind) + " " + d.What
	if d.Node != "" {
		s += " @" + d.Node
	}
	if d.Kubeconfig != "" {
		s += " by " + d.Kubeconfig
	}
	return s
}

func TestArgsDisrupt(t *testing.T) {
	cases := []struct {
		of   func(Args) Disruption
		args *value.Map
		want string
	}{
		{PackageArgs, value.NewMap("upgrade", "dist"), "upgrade upgrade of all packages"},
		{PackageArgs, value.NewMap("upgrade", true), "upgrade upgrade of all packages"},
		{PackageArgs, value.NewMap("upgrade", "no", "name", "vim"), ""},
		{PackageArgs, value.NewMap("update_cache", true), ""},
		{PackageArgs, value.NewMap("name", "*", "state", "latest"), "upgrade upgrade of all packages"},
		{PackageArgs, value.NewMap("name", "*"), ""},
		{PackageArgs, value.NewMap("name", []any{"vim", "linux-image-6.1.0-1-amd64"}), "upgrade upgrade of linux-image-6.1.0-1-amd64"},
		{PackageArgs, value.NewMap("pkg", "htop,k3s=1.30"), "upgrade upgrade of k3s=1.30"},
		{PackageArgs, value.NewMap("name", "vim", "state", "latest"), ""},
		{PackageArgs, value.NewMap("name", "kernelshark"), ""},
		{PackageArgs, value.NewMap("name", "open-iscsi", "state", "absent"), "upgrade removal of open-iscsi"},
		{PackageArgs, value.NewMap("name", "kernel-5.14", "state", "absent"), ""},
		{UnitArgs, value.NewMap("name", "k3s-agent", "state", "restarted"), "restart restart of k3s-agent"},
		{UnitArgs, value.NewMap("unit", "k3s.service", "state", "stopped"), "restart stop of k3s"},
		{UnitArgs, value.NewMap("name", "iscsid", "state", "restarted"), "stop restart of iscsid"},
		{UnitArgs, value.NewMap("name", "k3s", "state", "started"), ""},
		{UnitArgs, value.NewMap("daemon_reload", true), ""},
		{CommandArgs, value.NewMap("argv", []any{"kubectl", "drain", "n1"}), "drain drain of node n1 @n1"},
		{CommandArgs, value.NewMap("cmd", "systemctl reboot"), "reboot systemctl reboot"},
		{CommandArgs, value.NewMap("_raw_params", "uptime"), ""},
		{CommandArgs, value.NewMap("_raw_params", "echo done; reboot"), ""}, // no shell reads it
		{ShellArgs, value.NewMap("_raw_params", "sleep 1 && reboot"), "reboot reboot"},
		{ShellArgs, value.NewMap("cmd", "k3s-killall.sh"), "stop k3s-killall.sh"},
	}
	for _, c := range cases {
		if got := short(c.of(c.args)); got != c.want {
			t.Errorf("%v: %q, want %q", value.Repr(c.args), got, c.want)
		}
	}
}
