"""templar.py FILE: evaluates every case of jinja.json with Ansible's own templar and writes the answers back into it."""

import json
import os
import sys
import tempfile

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template


def trusted(value):
    """Marks every text of a value as a template of the author, as Ansible does with what it reads from files."""
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {k: trusted(v) for k, v in value.items()}
    if isinstance(value, list):
        return [trusted(v) for v in value]
    return value


def answer(templar, case):
    src, kind = case["src"], case["kind"]
    if kind == "when":
        return templar.evaluate_conditional(trusted(src))
    if kind == "expr":
        return templar.template(trusted("{{ " + src + " }}"))
    if kind == "value":
        return templar.template(trusted(src))
    text = templar.copy_with_new_env().template(trusted(src), escape_backslashes=False,
                                               overrides={"trim_blocks": True, "keep_trailing_newline": True})
    return "" if text is None else str(text)  # a file holds text, whatever the template comes to


def plain(value):
    """The value as JSON keeps it; a set becomes a list."""
    return json.loads(json.dumps(value, default=lambda v: sorted(v, key=repr) if isinstance(v, (set, frozenset)) else str(v)))


def main(path):
    with open(path, encoding="utf-8") as f:
        table = json.load(f)
    for case in table["cases"]:
        with tempfile.TemporaryDirectory() as work:
            for name, text in case.get("files", {}).items():
                os.makedirs(os.path.dirname(os.path.join(work, name)) or work, exist_ok=True)
                with open(os.path.join(work, name), "w", encoding="utf-8") as f:
                    f.write(text)
            loader = DataLoader()
            loader.set_basedir(work)
            here = os.getcwd()
            os.chdir(work)
            templar = Templar(loader, variables=trusted(dict(table["varsets"][case["vars"]])))
            try:
                value = answer(templar, case)
                case.pop("err", None)
                case["want"], case["repr"] = plain(value), repr(value)
                case.pop("msg", None)
            except Exception as e:  # an error is an answer, too; its kind is kept where a person has named it
                case.pop("want", None)
                case.pop("repr", None)
                case["err"], case["msg"] = case.get("err", type(e).__name__), str(e)
            finally:
                os.chdir(here)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(table, f, ensure_ascii=False, indent=1)
        f.write("\n")


main(sys.argv[1])
