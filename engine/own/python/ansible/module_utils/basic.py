"""What modules are made of: their arguments, their results, and what they share in acting on a host.

The interface is Ansible's, so that modules written for it run; the text is Drydock's own.
"""

import atexit
import copy
import json
import locale
import os
import platform
import re
import shutil
import sys
import syslog
import tempfile
import time
import traceback
import types  # noqa: F401  modules take them from here
from collections.abc import KeysView, Mapping, MutableMapping, Sequence, Set  # noqa: F401

from ansible.module_utils.common._files import Files, FILE_COMMON_ARGUMENTS  # noqa: F401
from ansible.module_utils.common._run import Commands
from ansible.module_utils.common.arg_spec import Checker, Rules, supported
from ansible.module_utils.common.file import S_IRANY, S_IRWU_RG_RO, S_IRWXU_RXG_RXO, is_executable, format_attributes, get_flags_from_attributes  # noqa: F401,E501
from ansible.module_utils.common.parameters import PASS_VARS, env_fallback, remove_values, sanitize_keys, texts_of  # noqa: F401
from ansible.module_utils.common.process import get_bin_path
from ansible.module_utils.common.sys_info import get_all_subclasses, get_distribution, get_distribution_version, get_platform_subclass  # noqa: F401,E501
from ansible.module_utils.common.text.converters import container_to_bytes as json_dict_unicode_to_bytes  # noqa: F401
from ansible.module_utils.common.text.converters import container_to_text as json_dict_bytes_to_unicode  # noqa: F401
from ansible.module_utils.common.text.converters import jsonify, to_bytes, to_native, to_text  # noqa: F401
from ansible.module_utils.common.text.formatters import SIZE_RANGES, bytes_to_human, human_to_bytes, lenient_lowercase  # noqa: F401
from ansible.module_utils.common.validation import check_missing_parameters, safe_eval
from ansible.module_utils.common import validation as _checks
from ansible.module_utils.common import warnings as _kept
from ansible.module_utils.common.collections import is_iterable  # noqa: F401
from ansible.module_utils.common.locale import get_best_parsable_locale
from ansible.module_utils.errors import AnsibleFallbackNotFound  # noqa: F401
from ansible.module_utils.parsing.convert_bool import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean  # noqa: F401
from ansible.module_utils.six import b, binary_type, integer_types, iteritems, string_types, text_type  # noqa: F401

from ast import literal_eval  # noqa: F401

NoneType = type(None)
SEQUENCETYPE = (frozenset, KeysView, Sequence)
NUMBERTYPES = (int, float)
PASSWORD_MATCH = re.compile(r'^(?:.+[-_\s])?pass(?:[-_\s]?(?:word|phrase|wrd|wd)?)(?:[-_\s].+)?$', re.I)
imap, izip = map, zip

_ANSIBLE_ARGS = None  # the arguments as JSON, when the module is called by Drydock
_CALL = []  # the words after the interpreter with which the module was called


def _load_params():
    """The arguments: those of the call, else from the file that the command line names, else from the standard input."""
    global _ANSIBLE_ARGS
    if _ANSIBLE_ARGS is None:
        if len(sys.argv) > 1:
            if os.path.isfile(sys.argv[1]):
                with open(sys.argv[1], 'rb') as f:
                    _ANSIBLE_ARGS = f.read()
            else:
                _ANSIBLE_ARGS = sys.argv[1].encode('utf-8', 'surrogateescape')
        else:
            _ANSIBLE_ARGS = sys.stdin.buffer.read()
    try:
        return json.loads(_ANSIBLE_ARGS.decode('utf-8'))['ANSIBLE_MODULE_ARGS']
    except (ValueError, KeyError, TypeError):
        print('\n{"msg": "Error: Module unable to locate ANSIBLE_MODULE_ARGS in JSON data from stdin.  Unable to figure out what parameters were passed", '
              '"failed": true}')
        sys.exit(1)


def get_platform():
    """The name of the system, such as Linux."""
    return platform.system()


def load_platform_subclass(cls, *args, **kwargs):
    """An object of the class below cls that is for this system."""
    return super(cls, get_platform_subclass(cls)).__new__(get_platform_subclass(cls))


def missing_required_lib(library, reason=None, url=None):
    """A sentence that says which Python library is missing."""
    text = "Failed to import the required Python library (%s) on %s's Python %s." % (library, platform.node(), sys.executable)
    if reason:
        text += ' This is required %s.' % reason
    if url:
        text += ' See %s for more info.' % url
    return text + ' Please read the module documentation and install it in the appropriate location. ' \
        'If the required library is installed, but Ansible is using the wrong Python interpreter, ' \
        'please consult the documentation on ansible_python_interpreter'


def heuristic_log_sanitize(data, no_log_values=None):
    """A line of a log without what looks like a password in it."""
    data = re.sub(r'(?i)(://[^/\s:@]*:)[^@\s]*(@)', r'\1********\2', to_native(data))
    return remove_values(data, no_log_values) if no_log_values else data


class AnsibleModule(Files, Commands):
    """The module that is running: its arguments, checked, and the ways to end it."""

    def __init__(self, argument_spec, bypass_checks=False, no_log=False, mutually_exclusive=None, required_together=None, required_one_of=None,
                 add_file_common_args=False, supports_check_mode=False, required_if=None, required_by=None):
        self._name = os.path.basename(__file__)
        self.argument_spec = argument_spec
        self.supports_check_mode, self.check_mode, self.bypass_checks, self.no_log = supports_check_mode, False, bypass_checks, no_log
        self.mutually_exclusive, self.required_together, self.required_one_of = mutually_exclusive, required_together, required_one_of
        self.required_if, self.required_by = required_if, required_by
        self.cleanup_files, self.run_command_environ_update, self._options_context = [], {}, []
        self.no_log_values, self.aliases, self._tmpdir, self._debug, self._diff, self._verbosity = set(), {}, None, False, False, 0
        if add_file_common_args:
            self._uses_common_file_args = True
            for k, v in FILE_COMMON_ARGUMENTS.items():
                self.argument_spec.setdefault(k, v)
        self._set_locale()
        self.params = _load_params()
        self._take_protocol()
        self._check_arguments()
        if self.check_mode and not self.supports_check_mode:
            self.exit_json(skipped=True, msg='remote module (%s) does not support check mode' % self._name)
        if not self.no_log:
            self._log_invocation()
        self._selinux = None

    # --- arguments

    def _set_locale(self):
        """Programs are to print what can be parsed, if the host's locale cannot even be set."""
        try:
            locale.setlocale(locale.LC_ALL, '')
        except locale.Error:
            best = get_best_parsable_locale(self)
            locale.setlocale(locale.LC_ALL, best)
            os.environ.update(LANG=best, LC_ALL=best, LC_MESSAGES=best)

    def _take_protocol(self):
        """What Ansible's protocol adds to the arguments becomes attributes."""
        for key, (attribute, default) in PASS_VARS.items():
            given = self.params.pop('_ansible_' + key, None)
            if given is None:
                given = copy.copy(default) if not hasattr(self, attribute) or key != 'no_log' else getattr(self, attribute)
            if key == 'no_log':
                given = given or self.no_log
            setattr(self, attribute, given)
        self._shell = self._shell or '/bin/sh'

    def _check_arguments(self):
        self._given = copy.deepcopy(self.params)
        checker = Checker()
        rules = Rules(self.mutually_exclusive, self.required_together, self.required_one_of, self.required_if, self.required_by)
        checker.level(self.argument_spec, self.params, rules)
        self.no_log_values |= checker.secrets
        self.aliases.update(checker.aliases)
        if self.bypass_checks:
            return
        if checker.errors:
            self.fail_json(msg=checker.errors[0].msg)
        if checker.unsupported and not self._ignore_unknown_opts:
            self._refuse_unsupported(checker.unsupported)

    def _refuse_unsupported(self, unsupported):
        names = ', '.join(sorted('.'.join(n) for n, _spec in unsupported))
        spec = unsupported[0][1]
        self.fail_json(msg='Unsupported parameters for (%s) module: %s. Supported parameters include: %s.' % (self._name, names, supported(spec)))

    def fail_on_missing_params(self, required_params=None):
        """End with a failure if one of the arguments is not given."""
        if required_params:
            try:
                check_missing_parameters(self.params, required_params)
            except TypeError as e:
                self.fail_json(msg=to_native(e))

    # --- the end

    def exit_json(self, **kwargs):
        """End well, with these as the result."""
        self.do_cleanup_files()
        self._answer(kwargs)
        sys.exit(0)

    def fail_json(self, msg, exception=None, **kwargs):
        """End with a failure and its message."""
        kwargs['failed'] = True
        kwargs['msg'] = to_text(msg)
        if isinstance(exception, BaseException):
            kwargs['exception'] = ''.join(traceback.format_exception(type(exception), exception, exception.__traceback__))
        elif exception:
            kwargs['exception'] = str(exception)
        elif sys.exc_info()[2]:
            kwargs['exception'] = traceback.format_exc()
        self.do_cleanup_files()
        self._answer(kwargs)
        sys.exit(1)

    def fail_json_from_exception(self, exc, **kwargs):
        """End with the failure that an exception is."""
        self.fail_json(msg=to_text(exc), exception=exc, **kwargs)

    def _answer(self, result):
        self.add_path_info(result)
        if 'invocation' not in result:
            result['invocation'] = {'module_args': self.params}
        warnings = result.pop('warnings', None)
        for w in [warnings] if isinstance(warnings, str) else warnings or []:
            self.warn(w)
        if _kept.get_warning_messages():
            result['warnings'] = list(_kept.get_warning_messages())
        deprecations = result.pop('deprecations', None)
        for d in deprecations or []:
            if isinstance(d, Mapping):
                self.deprecate(d['msg'], version=d.get('version'), date=d.get('date'), collection_name=d.get('collection_name'))
            else:
                self.deprecate(*(d if isinstance(d, (list, tuple)) else [d])[:2])
        if _kept.get_deprecation_messages():
            result['deprecations'] = list(_kept.get_deprecation_messages())
        print('\n%s' % self.jsonify(remove_values(result, self.no_log_values)))
        sys.stdout.flush()

    # --- telling

    def warn(self, warning, **kwargs):
        """Give a warning with the result."""
        _kept.warn(to_text(warning))
        self.log('[WARNING] %s' % to_text(warning))

    def error_as_warning(self, msg, exception, **kwargs):
        """Give an exception as a warning with the result."""
        self.warn(': '.join(to_text(t) for t in (msg, exception) if t))

    def deprecate(self, msg, version=None, date=None, collection_name=None, **kwargs):
        """Note with the result that something will go away."""
        if version is not None and date is not None:
            raise AssertionError('implementation error -- version and date must not both be set')
        _kept.deprecate(to_text(msg), version=version, date=date, collection_name=collection_name)
        self.log('[DEPRECATION WARNING] %s %s' % (msg, date or version))

    def debug(self, msg):
        """Write to the host's log, if debugging is on."""
        if self._debug:
            self.log('[debug] %s' % to_text(msg))

    def log(self, msg, log_args=None):
        """Write to the host's log, without secrets, unless the task has no_log."""
        if self.no_log:
            return
        try:
            facility = getattr(syslog, str(self._syslog_facility), syslog.LOG_USER)
            syslog.openlog('ansible-%s' % self._name, 0, facility)
            syslog.syslog(syslog.LOG_INFO, remove_values(to_native(msg, errors='surrogate_or_replace'), self.no_log_values))
        except (TypeError, ValueError, OSError):
            pass  # a log that cannot be written is no reason to fail

    def _log_invocation(self):
        shown = {}
        for name, value in self.params.items():
            no_log = self.argument_spec.get(self.aliases.get(name, name), {}).get('no_log')
            if no_log is True or no_log is None and PASSWORD_MATCH.search(str(name)):
                shown[name] = 'NOT_LOGGING_PASSWORD' if no_log is None else 'NOT_LOGGING_PARAMETER'
            else:
                shown[name] = heuristic_log_sanitize(to_native(value, errors='surrogate_or_replace'), self.no_log_values)
        self.log('Invoked with %s' % ' '.join('%s=%s' % kv for kv in shown.items()) if shown else 'Invoked')

    # --- small things

    @property
    def tmpdir(self):
        """A folder for temporary files that is removed when the module ends."""
        if self._tmpdir is None or not os.path.isdir(self._tmpdir):
            base = os.path.expanduser(os.path.expandvars(self._remote_tmp or ''))
            try:
                if base and not os.path.exists(base):
                    os.makedirs(base, mode=0o700)
            except OSError:
                base = ''
            self._tmpdir = tempfile.mkdtemp(prefix='ansible-moduletmp-%s-' % time.time(), dir=base or None)
            if not self._keep_remote_files:
                atexit.register(shutil.rmtree, self._tmpdir, ignore_errors=True)
        return self._tmpdir

    def add_cleanup_file(self, path):
        """Remove a file when the module ends."""
        if path not in self.cleanup_files:
            self.cleanup_files.append(path)

    def do_cleanup_files(self):
        for path in self.cleanup_files:
            self.cleanup(path)

    def get_bin_path(self, arg, required=False, opt_dirs=None):
        """The path of a program; None if there is none, or a failure if it is required."""
        try:
            return get_bin_path(arg, opt_dirs=opt_dirs)
        except ValueError as e:
            if required:
                self.fail_json(msg=to_text(e))
            return None

    def boolean(self, arg):
        """A boolean; what is none is a failure."""
        if arg is None:
            return arg
        try:
            return boolean(arg)
        except TypeError as e:
            self.fail_json(msg=to_native(e))

    def jsonify(self, data):
        """Write data as JSON; what cannot be written is a failure."""
        try:
            return jsonify(data)
        except (UnicodeError, TypeError, ValueError) as e:
            self.fail_json(msg=to_text(e))

    def from_json(self, data):
        """Read JSON."""
        return json.loads(data)

    def safe_eval(self, value, locals=None, include_exceptions=False):
        """The value of a literal; what is none stays text."""
        return safe_eval(value, locals, include_exceptions)

    bytes_to_human = staticmethod(bytes_to_human)
    human_to_bytes = staticmethod(human_to_bytes)
    _check_type_str = staticmethod(_checks.check_type_str)
    _check_type_list = staticmethod(_checks.check_type_list)
    _check_type_dict = staticmethod(_checks.check_type_dict)
    _check_type_bool = staticmethod(_checks.check_type_bool)
    _check_type_int = staticmethod(_checks.check_type_int)
    pretty_bytes = bytes_to_human


def get_module_path():
    """The folder that the module was started from."""
    return os.path.dirname(os.path.realpath(sys.argv[0]))
