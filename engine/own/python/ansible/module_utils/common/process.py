"""Programs of the host."""

import os

from ansible.module_utils.common.file import is_executable


def get_bin_path(arg, opt_dirs=None, required=None):
    """The path of a program; ValueError if there is none."""
    dirs = [d for d in opt_dirs or [] if d is not None and os.path.exists(d)]
    dirs += [d for d in os.environ.get('PATH', '').split(os.pathsep) if d]
    dirs += [d for d in ('/sbin', '/usr/sbin', '/usr/local/sbin') if d not in dirs and os.path.exists(d)]
    for d in dirs:
        path = os.path.join(d, arg)
        if os.path.exists(path) and not os.path.isdir(path) and is_executable(path):
            return path
    raise ValueError('Failed to find required executable "%s" in paths: %s' % (arg, os.pathsep.join(dirs)))
