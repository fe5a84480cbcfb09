"""A callback of Ansible that writes each run as events, one JSON object a line, in the form that ../README.md describes."""

import json
import os

from ansible.plugins.callback import CallbackBase
from ansible.release import __version__

# Before 2.21 a retry is told with the number of the try that was in vain, since then with that of the one to come.
FIRST_RETRY = 0 if tuple(map(int, __version__.split(".")[:2])) >= (2, 21) else 1

# What differs between any two runs or machines, and says nothing about behaviour.
VOLATILE = set("""start end delta invocation stdout_lines stderr_lines warnings deprecations exception atime mtime ctime inode dev version
attributes attr_flags charset mimetype ansible_job_id results_file started block_size device_type blocks nlink src md5sum backup_file
diff include_args reason""".split())
STATUS = ("failed", "skipped")  # told as the status of the event
FIRST = ("changed", "msg", "rc")


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self.path = os.environ.get("RECORD_TO")
        self.case = os.environ.get("RECORD_CASE", "\0")

    def emit(self, event, **keys):
        if not self.path:
            return
        line = json.dumps({"event": event, **keys}, default=str).replace(self.case, "<CASE>")
        with open(self.path, "a", encoding="utf-8") as f:
            f.write(line + "\n")

    def clean(self, value, setup=False):
        if isinstance(value, dict):
            facts = value.get("ansible_facts")
            out = {k: self.clean(v) for k, v in value.items()
                   if k not in VOLATILE and not k.startswith("_ansible") and k != "ansible_facts" and not (k == "failed" and v is False)}
            if facts is not None:
                out["ansible_facts"] = len(facts) if setup else self.clean(facts)
            return {k: out[k] for k in [*(f for f in FIRST if f in out), *(k for k in out if k not in FIRST)]}
        if isinstance(value, (list, tuple)):
            return [self.clean(v) for v in value]
        return value

    def status_apart(self, results):
        if not isinstance(results, list):
            return results
        return [{k: v for k, v in r.items() if k not in STATUS} if isinstance(r, dict) else r for r in results]

    def result(self, r, status, event="result"):
        if r._task.action.split(".")[-1] == "meta":  # 2.19 tells of conditions of meta that do not hold, 2.21 does not
            return
        raw = r._result
        if "changed" not in raw:  # since 2.21 every result says whether it changed something
            raw = {"changed": False, **raw}
        if "skipped_reason" in raw and "results" in raw:  # since 2.21 under both names
            raw = {"skip_reason": raw["skipped_reason"], **raw}
        keys = {"host": r._host.get_name(), "task": r._task.get_name(), "action": r._task.action, "status": status}
        if "results" in raw and event == "result" and r._task.loop:
            keys["loop"] = True
        delegated = raw.get("_ansible_delegated_vars", {})
        if delegated and status != "unreachable":
            keys["delegated_to"] = delegated.get("ansible_delegated_host") or r._task.delegate_to
        if raw.get("_ansible_no_log") or r._task.no_log:
            keys["no_log"] = True
        raw = {k: self.status_apart(v) if k == "results" else v for k, v in raw.items() if k not in STATUS}
        self.emit(event, **keys, result=self.clean(raw, r._task.action.split(".")[-1] in ("setup", "gather_facts")))

    def v2_playbook_on_start(self, playbook):
        self.emit("playbook", file=os.path.basename(playbook._file_name))

    def v2_playbook_on_play_start(self, play):
        manager = play.get_variable_manager()
        batch = manager._inventory.get_hosts() if manager else []
        self.emit("play", name=play.get_name(), batch=[h.get_name() for h in batch])

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.emit("task", name=task.get_name(), action=task.action)

    def v2_playbook_on_handler_task_start(self, task):
        self.emit("handler", name=task.get_name(), action=task.action)

    def v2_playbook_on_include(self, included_file):
        self.emit("include", file=os.path.basename(included_file._filename), hosts=[h.get_name() for h in included_file._hosts])

    def v2_playbook_on_notify(self, handler, host):
        self.emit("notify", handler=handler.get_name(), host=host.get_name())

    def v2_playbook_on_no_hosts_matched(self):
        self.emit("no_hosts_matched")

    def v2_playbook_on_no_hosts_remaining(self):
        self.emit("no_hosts_remaining")

    def v2_runner_on_ok(self, result):
        self.result(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result):
        self.result(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.result(result, "unreachable")

    def v2_runner_item_on_ok(self, result):
        self.result(result, "changed" if result._result.get("changed") else "ok", "item")

    def v2_runner_item_on_failed(self, result):
        self.result(result, "failed", "item")

    def v2_runner_item_on_skipped(self, result):
        self.result(result, "skipped", "item")

    def v2_runner_retry(self, result):
        self.emit("retry", host=result._host.get_name(), task=result._task.get_name(),
                  attempts=result._result["attempts"] + FIRST_RETRY, retries=result._result["retries"])

    def v2_playbook_on_stats(self, stats):
        hosts = {h: stats.summarize(h) for h in sorted(stats.processed)}
        self.emit("stats", hosts=hosts, custom=stats.custom)
