"""Records what Ansible answers to the cases of edits.json, and writes the answers into the same file.

Run it as root on a machine with ansible-core 2.19: python3 record_edits.py edits.json

A case has: name, module, args, and the file $DIR/f as it is before ("0600:text" with a mode, null: there is none); $DIR/l is a link to it.
The answers are: result of a run, again (whether a second run changes), after (the file at path), and what check mode predicts where that
differs.
"""
import importlib, json, os, pathlib, shutil, sys, tempfile

from ansible.module_utils import basic
from ansible.modules import blockinfile, lineinfile, replace  # noqa: F401, imported once for all runs

KEYS = ("changed", "failed", "msg", "rc", "found", "backup", "diff")


def put(path, text):
    mode = 0o644
    if len(text) > 4 and text[0] == "0" and text[4] == ":":
        mode, text = int(text[:4], 8), text[5:]
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    path.chmod(mode)


def get(path):
    if not path.is_file():
        return None
    mode = path.stat().st_mode & 0o7777
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    return text if mode == 0o644 else f"{mode:04o}:{text}"


def answer(raw, directory):
    r = json.loads(json.dumps(raw).replace(str(directory), "$DIR"))
    if isinstance(r.get("diff"), dict):
        r["diff"] = [r["diff"]]
    r["diff"] = [d for d in r.get("diff", []) if d.get("before") != d.get("after")]
    out = {k: r[k] for k in KEYS if k in r and r[k] != [] and r[k] is not False}
    if out.get("backup"):
        out["backup"] = "*"
    if "backup_file" in r:
        out["backup_file"] = "*"
    return out


def run(module, args, check):
    """The answer of a module, run in a process of its own that has its imports already."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(write, 1)
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": {**args, "_ansible_check_mode": check, "_ansible_diff": True}}).encode()
        basic._ANSIBLE_PROFILE = "legacy"
        try:
            importlib.import_module("ansible.modules." + module).main()
        except Exception as e:
            os.write(1, json.dumps({"failed": True, "msg": str(e)}).encode())
        finally:
            sys.stdout.flush()
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as out:
        text = out.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def main(name):
    os.umask(0o022)
    cases = json.loads(pathlib.Path(name).read_text())
    root = pathlib.Path(tempfile.mkdtemp(prefix="edits"))
    for i, case in enumerate(cases):
        d = root / str(i)
        d.mkdir()
        (d / "l").symlink_to("f")
        if case["before"] is not None:
            put(d / "f", case["before"])
        args = json.loads(json.dumps(case["args"]).replace("$DIR", str(d)))
        check, result = (answer(run(case["module"], args, mode), d) for mode in (True, False))
        case["result"], case["after"] = result, get(pathlib.Path(args["path"]))
        case["again"] = "changed" in answer(run(case["module"], args, False), d)
        case.pop("check", None)
        if {**check, "backup": 0, "backup_file": 0} != {**result, "backup": 0, "backup_file": 0}:
            case["check"] = check
    shutil.rmtree(root)
    lines = ",\n".join("  " + json.dumps(c, ensure_ascii=True) for c in cases)
    pathlib.Path(name).write_text("[\n" + lines + "\n]\n")


main(sys.argv[1])
