"""Records what Ansible answers to the cases of a file, and writes the answers into the same file.

Run it as root, on Linux, on a machine with ansible-core 2.19 and the collections: python3 record.py FILE...

A file holds cases, and tools: shell scripts that stand in for programs, by name, in named sets. A tool may write to the file $CALLS what it was
told. A case has: name, module, args; tools: the name of a set; files: texts by absolute path, as they are before ("0600:text" with a mode,
"-> x" for a link, null for none, a path with / at its end for a directory). $BIN stands for the folder of the tools,
$RELEASE for that of the running kernel.
Each run has a mount namespace of its own, in which /etc, /var and so on are covered: the machine itself does not change.

The answers are: result of a run; check, what check mode foretells, where that differs; again, whether a second run changes something, and
again_result where that differs; after, the files that a run has left otherwise than they were (null: gone); calls, what the tools were told.
"""
import importlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from ansible.module_utils import basic

COVERED = ("etc", "var", "root", "home", "boot", "opt", "srv", "mnt", "usr/share")
EMPTY = ("proc", "sys", "run", "lib/modules")  # covered, where a case has files in them, by folders that hold nothing else
RELEASE = os.uname().release
NOISE = ("invocation", "diff", "exception", "warnings", "deprecations", "start", "end", "delta", "stdout_lines", "stderr_lines")
BACKUP = re.compile(r"\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~")


def mount(*args):
    subprocess.run(["mount", *args], check=True)


def cover(case, tools, tmp):
    """Covers the folders of the machine and puts the files of the case there."""
    os.unshare(os.CLONE_NEWNS)
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "tmpfs", str(tmp))
    for name in COVERED:
        if not os.path.isdir("/" + name):
            continue
        for part in ("upper", "work"):
            (tmp / part / name).mkdir(parents=True)
        mount("-t", "overlay", "overlay", "-o", f"lowerdir=/{name},upperdir={tmp}/upper/{name},workdir={tmp}/work/{name}", "/" + name)
    for name in EMPTY:
        if any(f.startswith(f"/{name}/") for f in case.get("files", {})):
            os.makedirs("/" + name, exist_ok=True)
            mount("-t", "tmpfs", "tmpfs", "/" + name)
    for path, text in case.get("files", {}).items():
        path = path.replace("$RELEASE", RELEASE)
        put(pathlib.Path(path), text, path.endswith("/"))
    (tmp / "bin").mkdir()
    for name, body in tools.items():
        tool = tmp / "bin" / name
        tool.write_text("#!/bin/sh\n" + body + "\n")
        tool.chmod(0o755)
    os.environ.update(PATH=f"{tmp}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", CALLS=str(tmp / "calls"), HOME="/root", LC_ALL="C.UTF-8")


def put(path, text, directory):
    if text is None:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if directory:
        path.mkdir(exist_ok=True)
        return
    if text.startswith("-> "):
        if path.is_symlink() or path.exists():
            path.unlink()
        path.symlink_to(text[3:])
        return
    mode = 0o644
    if len(text) > 4 and text[0] == "0" and text[4] == ":":
        mode, text = int(text[:4], 8), text[5:]
    path.write_text(text)
    path.chmod(mode)


def get(path):
    if path.is_symlink():
        return "-> " + os.readlink(path)
    text, mode = path.read_bytes().decode("utf-8", "surrogateescape"), path.stat().st_mode & 0o7777
    return text if mode == 0o644 else f"{mode:04o}:{text}"


def tree():
    out = {}
    for top in COVERED[:-1] + EMPTY:  # what is in /usr/share nobody changes
        if top in EMPTY and subprocess.run(["stat", "-f", "-c", "%T", "/" + top], capture_output=True, text=True).stdout.strip() != "tmpfs":
            continue
        for d, dirs, names in os.walk("/" + top):
            if ".ansible" in dirs:
                dirs.remove(".ansible")
            for n in names + [x for x in dirs if os.path.islink(os.path.join(d, x))]:
                p = pathlib.Path(d, n)
                if p.is_symlink() or p.is_file():
                    st = p.lstat()
                    out[str(p)] = (st.st_mtime_ns, st.st_ino, st.st_mode, st.st_size)
    return out


def call(case, check):
    """The answer of the module, run in a process of its own."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(write, 1)
        args = {**case["args"], "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": "/tmp", "_ansible_tmpdir": tempfile.mkdtemp()}
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        basic._ANSIBLE_PROFILE = "legacy"
        try:
            importlib.import_module(python_name(case["module"])).main()
        except Exception as e:
            os.write(1, json.dumps({"failed": True, "msg": str(e)}).encode())
        finally:
            sys.stdout.flush()
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as out:
        text = out.read()
    os.waitpid(pid, 0)
    r = json.loads(text)
    text = BACKUP.sub(".BACKUP", json.dumps(r)).replace(os.environ["PATH"].split(":")[0], "$BIN").replace(RELEASE, "$RELEASE")
    return {k: v for k, v in json.loads(text).items() if k not in NOISE}


def python_name(module):
    collection, name = module.rsplit(".", 1)
    if collection == "ansible.builtin":
        return "ansible.modules." + name
    return f"ansible_collections.{collection}.plugins.modules.{name}"


def apart(work):
    """Does work in a process of its own and returns its answer."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            answer = work()
        except BaseException as e:
            answer = {"error": repr(e)}
        with os.fdopen(write, "w") as f:
            f.write(json.dumps(answer))
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as f:
        text = f.read()
    os.waitpid(pid, 0)
    answer = json.loads(text)
    if "error" in answer:
        raise SystemExit(answer["error"])
    return answer


def runs(case, tools, tmp):
    cover(case, tools, tmp)
    importlib.import_module(python_name(case["module"]))
    before = tree()
    result = call(case, False)
    after = tree()
    files = {p: get(pathlib.Path(p)) for p in after if before.get(p) != after[p]}
    files.update({p: None for p in before if p not in after})
    unchanged = [p for p in files if files[p] is not None and files[p] == case.get("files", {}).get(p)]
    calls = pathlib.Path(os.environ["CALLS"])
    told = calls.read_text().splitlines() if calls.exists() else []
    return {"result": result, "after": {BACKUP.sub(".BACKUP", p): files[p] for p in sorted(files) if p not in unchanged}, "calls": told,
            "again_result": call(case, False)}


def check(case, tools, tmp):
    cover(case, tools, tmp)
    importlib.import_module(python_name(case["module"]))
    return call(case, True)


def record(case, tools):
    for key in ("result", "check", "again", "again_result", "after", "calls"):
        case.pop(key, None)
    tmp = pathlib.Path(tempfile.mkdtemp(prefix="machine"))
    answers = apart(lambda: runs(case, tools, tmp))
    foretold = apart(lambda: check(case, tools, tmp))
    tmp.rmdir()
    again = answers.pop("again_result")
    case["result"] = answers["result"]
    if foretold != answers["result"]:
        case["check"] = foretold
    case["again"] = again.get("changed", False)
    for key in ("after", "calls"):
        if answers[key]:
            case[key] = answers[key]


def main(names):
    os.umask(0o022)
    for name in names:
        recording = json.loads(pathlib.Path(name).read_text())
        tools = recording.get("tools", {})
        for case in recording["cases"]:
            record(case, tools.get(case.get("tools"), {}))
        sets = ",\n".join("    " + json.dumps(k) + ": " + json.dumps(v) for k, v in tools.items())
        lines = ",\n".join("    " + json.dumps(c) for c in recording["cases"])
        pathlib.Path(name).write_text('{\n  "tools": {\n' + sets + '\n  },\n  "cases": [\n' + lines + "\n  ]\n}\n")


main(sys.argv[1:])
