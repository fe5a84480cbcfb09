package linux

// dnf: the table of a transaction, and carrying it out.

import (
	"fmt"
	"strings"
)

const dnfRule = "================================================================================\n"

// carry shows a transaction and, unless --assumeno says no, carries it out.
func (d *dnfCall) carry(t *transaction) int {
	d.say("Last metadata expiration check: 0:00:01 ago on " + d.clock.Now().UTC().Format("Mon 02 Jan 2006 03:04:05 PM UTC") + ".\n")
	for _, line := range t.asked {
		d.print(line + "\n")
	}
	if d.verb != "remove" || len(t.changes) > 0 {
		d.say("Dependencies resolved.\n")
	}
	if len(t.changes) == 0 {
		d.say("Nothing to do.\nComplete!\n")
		return 0
	}
	d.table(t)
	switch {
	case d.o.has('N'):
		d.print("Operation aborted.\n")
		return 1
	case d.who.uid != 0:
		fmt.Fprintln(d.stderr, "Error: This command has to be run with superuser privileges (under the root user on most systems).")
		return 1
	case !d.o.has('y'):
		d.print("Is this ok [y/N]: ")
		if line, _ := d.readLine(); !strings.HasPrefix(strings.ToLower(line), "y") {
			d.print("Operation aborted.\n")
			return 1
		}
	}
	return d.transact(t)
}

// sections are the parts of the table, in dnf's order.
func (d *dnfCall) sections(t *transaction) []struct {
	title string
	list  []change
} {
	parts := []struct {
		title string
		list  []change
	}{{title: "Installing:"}, {title: "Upgrading:"}, {title: "Removing:"}, {title: "Downgrading:"}}
	for _, c := range t.changes {
		at := 1
		switch {
		case c.to == "":
			at = 2
		case d.back(c):
			at = 3
		case c.fresh() || c.Kernel != "":
			at = 0
		}
		parts[at].list = append(parts[at].list, c)
	}
	return parts
}

// table shows the transaction in columns. A name that is too long for its column stands on a line of its own.
func (d *dnfCall) table(t *transaction) {
	wide := 18
	for _, c := range t.changes {
		wide = max(wide, len(or(c.to, c.Version)))
	}
	form := fmt.Sprintf(" %%-19s %%-14s %%-%ds %%-13s%%11s\n", wide)
	d.print(dnfRule + fmt.Sprintf(form, "Package", "Architecture", "Version", "Repository", "Size") + dnfRule)
	parts := d.sections(t)
	for _, part := range parts {
		if len(part.list) == 0 {
			continue
		}
		d.print(part.title + "\n")
		for _, c := range part.list {
			name, version, repo := c.Name, c.to, repoOf(c.Package)
			if c.to == "" {
				version, repo = c.Version, "@"+repoOf(c.Package)
			}
			if len(name) > 19 {
				d.print(" " + name + "\n")
				name = ""
			}
			d.printf(form, name, c.Arch, version, repo, dnfSize(c.size()))
		}
	}
	d.print("\nTransaction Summary\n" + dnfRule)
	for i, word := range []string{"Install", "Upgrade", "Remove", "Downgrade"} {
		if n := len(parts[i].list); n == 1 {
			d.printf("%-8s 1 Package\n", word)
		} else if n > 1 {
			d.printf("%-8s %d Packages\n", word, n)
		}
	}
	d.print("\n")
	if n := t.bytes(); n > 0 {
		d.print("Total download size: " + dnfSize(n) + "\n")
	}
}

// dnfSize is a size as dnf shows it.
func dnfSize(n int64) string {
	f, unit := float64(n), ""
	for _, u := range []string{" k", " M", " G"} {
		if f < 1000 {
			break
		}
		f, unit = f/1024, u
	}
	if unit != "" && f < 9.995 {
		return fmt.Sprintf("%.1f%s", f, unit)
	}
	return fmt.Sprintf("%.0f%s", f, unit)
}

func (d *dnfCall) transact(t *transaction) int {
	if d.full(t.bytes()) {
		fmt.Fprintf(d.stderr, "Error: Transaction test error:\n  installing package needs %dMB more space on the / filesystem\n\nError Summary\n-------------\nDisk Requirements:\n   At least %dMB more space needed on the / filesystem.\n\n", t.bytes()>>20, t.bytes()>>20)
		return 1
	}
	if t.bytes() > 0 {
		d.print("Downloading Packages:\n" + strings.Repeat("-", 80) + "\n")
	}
	if d.o.has('d') {
		d.print("Complete!\nThe downloaded packages were saved in cache until the next successful transaction.\n")
		return 0
	}
	d.print("Running transaction check\nTransaction check succeeded.\nRunning transaction test\nTransaction test succeeded.\nRunning transaction\n  Preparing        :                                                        1/1 \n")
	for i, c := range t.changes {
		word, version := "Upgrading", c.to
		switch {
		case c.to == "":
			word, version = "Erasing", c.Version
		case d.back(c):
			word = "Downgrading"
		case c.fresh() || c.Kernel != "":
			word = "Installing"
		}
		d.printf("  %-16s : %-50s %d/%d \n", word, c.fullName(version), i+1, len(t.changes))
		if !d.step(d.config.PackageTime) {
			return killed
		}
		d.commit(c)
		if c.to != "" {
			_ = d.disk.Reserve(c.size() / 16) // that there is space was asked before
		}
	}
	for i, title := range []string{"Installed:", "Upgraded:", "Removed:", "Downgraded:"} {
		if list := d.sections(t)[i].list; len(list) > 0 {
			d.print("\n" + title + "\n")
			for _, c := range list {
				d.print("  " + c.fullName(or(c.to, c.Version)) + "\n")
			}
		}
	}
	d.print("\nComplete!\n")
	return 0
}
