"""Secrets among arguments and results, and where arguments come from that are not given."""

import os

from ansible.module_utils.common.text.converters import to_native
from ansible.module_utils.errors import AnsibleFallbackNotFound

HIDDEN = 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'
MASK = '********'

PASS_VARS = {
    'check_mode': ('check_mode', False), 'debug': ('_debug', False), 'diff': ('_diff', False), 'keep_remote_files': ('_keep_remote_files', False),
    'ignore_unknown_opts': ('_ignore_unknown_opts', False), 'module_name': ('_name', None), 'no_log': ('no_log', False),
    'remote_tmp': ('_remote_tmp', None), 'target_log_info': ('_target_log_info', None), 'selinux_special_fs': ('_selinux_special_fs', []),
    'shell_executable': ('_shell', '/bin/sh'), 'socket': ('_socket_path', None), 'syslog_facility': ('_syslog_facility', 'INFO'),
    'tmpdir': ('_tmpdir', None), 'verbosity': ('_verbosity', 0), 'version': ('ansible_version', '0.0'), 'tracebacks_for': ('_tracebacks_for', []),
    'string_conversion_action': ('_string_conversion_action', 'warn'),
}


def env_fallback(*args, **kwargs):
    """The first of some environment variables that is set."""
    for name in args:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


def set_fallbacks(argument_spec, parameters):
    """Fill in what is not given from where the specification says, and return the secrets among it."""
    secrets = set()
    for name, spec in argument_spec.items():
        how = spec.get('fallback', (None,))
        if how[0] is None or name in parameters:
            continue
        args, kwargs = [], {}
        for item in how[1:]:
            if isinstance(item, dict):
                kwargs = item
            else:
                args = item
        try:
            parameters[name] = how[0](*args, **kwargs)
        except AnsibleFallbackNotFound:
            continue
        if spec.get('no_log', False) and parameters[name]:
            secrets.add(to_native(parameters[name]))
    return secrets


def texts_of(value):
    """All texts and numbers within a value, as texts."""
    if isinstance(value, (str, bytes)):
        text = to_native(value, errors='surrogate_or_replace')
        return {text} if text else set()
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, (int, float)):
        return {to_native(value)}
    if isinstance(value, dict):
        value = value.values()
    return set().union(*(texts_of(v) for v in value)) if value else set()


def remove_values(value, no_log_strings):
    """A copy of a value with the secrets hidden: a text that is one becomes a word that says so, one within a text eight stars."""
    secrets = [s for s in {to_native(s, errors='surrogate_or_replace') for s in no_log_strings} if s]
    secrets.sort(key=len, reverse=True)
    return _remove(value, secrets) if secrets else value


def _remove(value, secrets):
    if isinstance(value, (str, bytes)):
        text = to_native(value, errors='surrogate_or_replace')
        if text in secrets:
            return HIDDEN
        for s in secrets:
            text = text.replace(s, MASK)
        return text
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        text = str(value)
        return HIDDEN if text in secrets or any(s in text for s in secrets) else value
    if isinstance(value, dict):
        return {k: _remove(v, secrets) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_remove(v, secrets) for v in value]
    return value


def sanitize_keys(obj, no_log_strings, ignore_keys=frozenset()):
    """A copy of a value with the secrets hidden in its keys."""
    secrets = [s for s in {to_native(s, errors='surrogate_or_replace') for s in no_log_strings} if s]

    def walk(v):
        if isinstance(v, dict):
            return {k if k in ignore_keys or str(k).startswith('_ansible') else _remove(k, secrets): walk(x) for k, x in v.items()}
        if isinstance(v, (list, tuple, set, frozenset)):
            return [walk(x) for x in v]
        return v
    return walk(obj)
