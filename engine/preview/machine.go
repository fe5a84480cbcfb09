package preview

import (
	"cmp"
	"context"
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// This file holds what a host itself says: its kernels, and whether it asks for a reboot.

//go:embed look.sh
var lookScript string

// sight is what one look at a machine has shown.
type sight struct {
	running   string
	installed []string // kernels
	request   []string // why the system asks for a reboot
	unsure    string   // why it could not be asked
}

// lookAt looks at a machine, in one round trip.
func lookAt(ctx context.Context, v module.View) (sight, error) {
	out, err := v.Query(ctx, module.Cmd{Script: lookScript})
	if err != nil {
		return sight{}, err
	}
	return readLook(out.Stdout), nil
}

func readLook(out string) sight {
	s := module.Sections(out)
	seen := sight{running: strings.TrimSpace(s["running"])}
	for _, name := range module.Lines(s["installed"]) {
		name = strings.TrimPrefix(name, "vmlinuz-")
		if !strings.Contains(name, "rescue") && !slices.Contains(seen.installed, name) {
			seen.installed = append(seen.installed, name)
		}
	}
	if lines := module.Lines(s["request"]); len(lines) > 0 {
		why := "/var/run/reboot-required is there"
		if len(lines) > 1 {
			why += ", for " + shortened(sortedOnce(lines[1:]), 3)
		}
		seen.request = append(seen.request, why)
	}
	seen.needsRestarting(module.Lines(s["needs-restarting"]))
	return seen
}

// needsRestarting reads the answer of dnf's tool: 1 means yes, 0 no, and anything else that it could not say.
func (s *sight) needsRestarting(lines []string) {
	if len(lines) == 0 {
		return
	}
	rc, said := lines[len(lines)-1], lines[:len(lines)-1]
	switch rc {
	case "rc 0":
	case "rc 1":
		var parts []string
		for _, l := range said {
			if name, ok := strings.CutPrefix(strings.TrimSpace(l), "* "); ok {
				parts = append(parts, name)
			}
		}
		why := "needs-restarting says so"
		if len(parts) > 0 {
			why += ", for " + shortened(parts, 3)
		}
		s.request = append(s.request, why)
	default:
		s.unsure = "needs-restarting could not say whether a reboot is pending (" + rc + ")"
	}
}

// kernel is the running kernel and the newest that is installed of its flavour.
func (s sight) kernel() Kernel {
	k := Kernel{Running: s.running}
	for _, name := range s.installed {
		if flavour(name) == flavour(s.running) && (k.Installed == "" || compareVersions(name, k.Installed) > 0) {
			k.Installed = name
		}
	}
	return k
}

// stale tells whether a newer kernel waits for a reboot.
func (k Kernel) stale() bool {
	return k.Running != "" && k.Installed != "" && compareVersions(k.Installed, k.Running) > 0
}

// flavour is what tells kernels of one version apart: amd64, generic, cloud-amd64; for those of Red Hat the release and the architecture.
func flavour(kernel string) string {
	var out []string
	for _, part := range strings.FieldsFunc(kernel, func(r rune) bool { return r == '-' || r == '.' || r == '+' }) {
		if part = strings.Trim(part, "0123456789_"); part != "" {
			out = append(out, strings.TrimRight(strings.SplitN(part, "_", 2)[0], "0123456789"))
		}
	}
	return strings.Join(out, "-")
}

var digits = regexp.MustCompile(`[0-9]+|[^0-9]+`)

// compareVersions compares versions part by part, numbers as numbers.
func compareVersions(a, b string) int {
	x, y := digits.FindAllString(a, -1), digits.FindAllString(b, -1)
	for i := range min(len(x), len(y)) {
		if n := comparePart(x[i], y[i]); n != 0 {
			return n
		}
	}
	return len(x) - len(y)
}

func comparePart(a, b string) int {
	isNumber := func(s string) bool { return s[0] >= '0' && s[0] <= '9' }
	if isNumber(a) && isNumber(b) {
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	}
	return strings.Compare(a, b)
}

// kernelPackage matches the packages that hold a kernel or its modules, of the systems that Drydock patches.
var kernelPackage = regexp.MustCompile(`^(linux-image|linux-modules|linux-generic|linux-virtual|linux-signed-image|kernel|kernel-core|kernel-modules|kernel-default|kernel-rt|kernel-uek|proxmox-kernel|pve-kernel|raspberrypi-kernel)(-[a-z0-9].*)?$`)

// notKernel are packages whose names begin like a kernel's and that bring none.
var notKernel = regexp.MustCompile(`^kernel-(headers|devel|doc|tools|srpm|abi|rpm)`)

func isKernel(name string) bool {
	return kernelPackage.MatchString(name) && !notKernel.MatchString(name)
}

// shortened joins names, and counts those beyond n.
func shortened(names []string, n int) string {
	if len(names) <= n+1 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + " and " + count(len(names)-n, "other")
}

func sortedOnce(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
