"""Starting a module again with another Python, one that has what the module needs."""

import os
import subprocess
import sys

_MARK = 'DRYDOCK_RESPAWNED'


def has_respawned():
    """Whether this is a second start."""
    return bool(os.environ.get(_MARK))


def probe_interpreters_for_module(interpreter_paths, module_name):
    """The first of some interpreters that can import a module; None if none can."""
    for path in interpreter_paths:
        if os.path.exists(path):
            try:
                if subprocess.call([path, '-c', 'import %s' % module_name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
                    return path
            except OSError:
                pass
    return None


def respawn_module(interpreter_path):
    """Run the module with another interpreter and end as it ends."""
    if has_respawned():
        raise Exception('module has already been respawned')
    from ansible.module_utils import basic
    sys.stdout.flush()
    sys.exit(subprocess.call([interpreter_path] + basic._CALL, env=dict(os.environ, **{_MARK: '1'})))
