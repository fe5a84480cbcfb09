package linux_test

import (
	"os"
	"testing"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// BenchmarkScripts runs what modules send, without SSH.
func BenchmarkScripts(b *testing.B) {
	for _, c := range []struct {
		name, file string
		family     linux.Family
		args       []string
	}{
		{"facts all", "system/facts.sh", linux.Debian, []string{"min platform distribution hardware network virtual other", "/etc/ansible/facts.d", "10"}},
		{"facts network", "system/facts.sh", linux.Debian, []string{"min platform distribution network", "/etc/ansible/facts.d", "10"}},
		{"unit", "system/unit_probe.sh", linux.Debian, []string{"systemd", "cron", "system", "default"}},
		{"apt upgrade", "packages/apt_probe.sh", linux.Debian, []string{"present", "dist-upgrade", "", "", ""}},
		{"apt install", "packages/apt_probe.sh", linux.Debian, []string{"present", "", "", "", "", "bash", "htop"}},
		{"dnf upgrade", "packages/dnf_probe.sh", linux.RedHat, []string{"upgrade", "", "/", "", ""}},
	} {
		b.Run(c.name, func(b *testing.B) {
			h, err := linux.New(linux.Config{Name: "twin", Family: c.family, Packages: linux.Updates(c.family)})
			if err != nil {
				b.Fatal(err)
			}
			text, err := os.ReadFile("../../../modules/" + c.file)
			if err != nil {
				b.Fatal(err)
			}
			line := "exec " + conn.Quote(append([]string{"/bin/sh", "-c", string(text), "drydock"}, c.args...)...)
			b.ReportAllocs()
			for b.Loop() {
				if got := h.Run(b.Context(), "root", line, ""); got.Status != 0 {
					b.Fatal(got)
				}
			}
		})
	}
}

// BenchmarkHost makes hosts; its bytes are what a host costs.
func BenchmarkHost(b *testing.B) {
	scripts := &linux.Scripts{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := linux.New(linux.Config{Name: "twin", Scripts: scripts}); err != nil {
			b.Fatal(err)
		}
	}
}
