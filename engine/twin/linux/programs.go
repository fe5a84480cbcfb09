package linux

import "maps"

// programs are what a host of a family has in its directories of programs.
func programs(f Family) map[string]program {
	all := map[string]program{
		"sh": shellProgram, "bash": shellProgram, "echo": echo, "printf": printfProgram, "test": test, "[": bracket, "pwd": pwd, "kill": kill,
		"true": succeed, "false": falseProgram, "sync": succeed, "logger": succeed,

		"ls": ls, "stat": stat, "readlink": readlink, "realpath": realpath, "basename": basename, "dirname": dirname, "df": df, "du": du,
		"cat": cat, "mkdir": mkdir, "rmdir": rmdir, "rm": rm, "cp": cp, "mv": mv, "ln": ln, "touch": touch, "chmod": chmod, "chown": chown,
		"chgrp": chown, "mktemp": mktemp, "truncate": truncate, "tee": tee, "install": install, "find": find, "xargs": xargs, "which": which,
		"file": fileKind, "lsattr": lsattr,

		"head": head, "tail": tail, "cut": cut, "tr": tr, "sort": sortProgram, "uniq": uniq, "wc": wc, "seq": seq, "tac": tac, "paste": paste,
		"cmp": cmpProgram, "grep": grep, "egrep": egrep, "fgrep": fgrep, "sed": sed, "awk": awk, "base64": base64Program, "od": od, "date": date,

		"id": id, "whoami": whoami, "groups": groups, "getent": getent, "sudo": sudo, "su": su,
		"uname": uname, "hostname": hostname, "env": env, "printenv": printenv, "sleep": sleep, "timeout": timeout, "nohup": detach, "setsid": detach,
		"nproc": nproc, "getconf": getconf, "uptime": uptime, "mount": mount, "findmnt": findmnt, "mountpoint": mountpoint, "ps": ps,
		"modprobe": modprobe, "lsmod": lsmod, "ip": ip, "lsblk": lsblk, "iscsiadm": iscsiadm, "sysctl": sysctl,
		"systemctl": systemctl, "shutdown": shutdown, "reboot": reboot, "poweroff": reboot, "halt": reboot, "service": service,
		"useradd": useradd, "usermod": usermod, "userdel": userdel, "chpasswd": chpasswd, "groupadd": groupadd, "groupmod": groupmod, "groupdel": groupdel,
		"k3s": k3s, "kubectl": kubectl,
	}
	maps.Copy(all, sums())
	if f == RedHat {
		maps.Copy(all, map[string]program{"dnf": dnf, "yum": dnf, "rpm": rpm, "needs-restarting": needsRestarting})
	} else {
		maps.Copy(all, map[string]program{"apt-get": aptGet, "apt": aptGet, "apt-cache": aptCache, "apt-mark": aptMark, "apt-config": aptConfig,
			"dpkg": dpkg, "dpkg-query": dpkgQuery})
	}
	return all
}

func egrep(p *process) int {
	p.args = append([]string{p.args[0], "-E"}, p.operands()...)
	return grep(p)
}

func fgrep(p *process) int {
	p.args = append([]string{p.args[0], "-F"}, p.operands()...)
	return grep(p)
}
