"""Checks of arguments: which are given with which, and of what type they are. A check that fails raises TypeError or ValueError."""

import ast
import json
import os
import re
import shlex

from ansible.module_utils.common.text.converters import jsonify, to_text
from ansible.module_utils.common.text.formatters import human_to_bytes
from ansible.module_utils.parsing.convert_bool import boolean


def _where(context):
    return ' found in %s' % ' -> '.join(context) if context else ''


def count_terms(terms, parameters):
    """How many of the names are given."""
    return len({terms} if isinstance(terms, str) else set(terms).intersection(parameters)) if not isinstance(terms, str) \
        else int(terms in parameters)


def check_mutually_exclusive(terms, parameters, options_context=None):
    """Of each list at most one may be given."""
    clash = ['|'.join(t) for t in terms or [] if count_terms(t, parameters) > 1]
    if clash:
        raise TypeError('parameters are mutually exclusive: %s%s' % (', '.join(clash), _where(options_context)))
    return []


def check_required_one_of(terms, parameters, options_context=None):
    """Of each list at least one must be given."""
    for term in terms or []:
        if count_terms(term, parameters) == 0:
            raise TypeError('one of the following is required: %s%s' % (', '.join(term), _where(options_context)))
    return []


def check_required_together(terms, parameters, options_context=None):
    """Of each list all or none must be given."""
    for term in terms or []:
        if 0 < count_terms(term, parameters) < len(term):
            raise TypeError('parameters are required together: %s%s' % (', '.join(term), _where(options_context)))
    return []


def check_required_by(requirements, parameters, options_context=None):
    """Who gives one must give those that it needs."""
    out = {}
    for key, needs in (requirements or {}).items():
        if parameters.get(key) is None:
            continue
        missing = [n for n in ([needs] if isinstance(needs, str) else needs) if parameters.get(n) is None]
        if missing:
            raise TypeError("missing parameter(s) required by '%s': %s%s" % (key, ', '.join(missing), _where(options_context)))
        out[key] = []
    return out


def check_required_arguments(argument_spec, parameters, options_context=None):
    """What is required must be given."""
    missing = sorted(k for k, v in (argument_spec or {}).items() if v.get('required', False) and k not in parameters)
    if missing:
        raise TypeError('missing required arguments: %s%s' % (', '.join(missing), _where(options_context)))
    return missing


def check_required_if(requirements, parameters, options_context=None):
    """Where one has a value, others must be given: all of them, or with a fourth word True any of them."""
    out = []
    for req in requirements or []:
        key, val, needs = req[:3]
        any_will_do = len(req) > 3 and req[3]
        if key not in parameters or parameters[key] != val:
            continue
        missing = [n for n in needs if parameters.get(n) is None]
        if len(missing) >= (len(needs) if any_will_do else 1):
            raise TypeError('%s is %s but %s of the following are missing: %s%s'
                            % (key, val, 'any' if any_will_do else 'all', ', '.join(missing), _where(options_context)))
    return out


def check_missing_parameters(parameters, required_parameters=None):
    """Some must be given and not be empty."""
    missing = [p for p in required_parameters or [] if not parameters.get(p)]
    if missing:
        raise TypeError('missing required arguments: %s' % ', '.join(missing))
    return missing


def safe_eval(value, locals=None, include_exceptions=False):
    """The value of a literal; what is none stays text."""
    problem = None
    if isinstance(value, str) and not re.search(r'\w\.\w+\(|import \w+', value):
        try:
            value = ast.literal_eval(value)
        except Exception as e:
            problem = e
    return (value, problem) if include_exceptions else value


def check_type_str(value, allow_conversion=True, param=None, prefix=''):
    """Text."""
    if isinstance(value, str):
        return value
    if allow_conversion and value is not None:
        return to_text(value, errors='surrogate_or_strict')
    raise TypeError("'%r' is not a string and conversion is not allowed" % (value,))


def check_type_list(value):
    """A list; text is split at its commas."""
    if isinstance(value, (list, tuple)):
        return value if isinstance(value, list) else list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(',')]
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError('%s cannot be converted to a list' % type(value))


def _pairs(text):
    """a=1, b="x y" as a mapping."""
    words = shlex.shlex(text, posix=True)
    words.whitespace, words.whitespace_split, words.commenters = ', \t\n', True, ''
    return dict(w.split('=', 1) for w in words)


def check_type_dict(value):
    """A mapping; text is read as JSON, as a literal, or as name=value."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        if value.lstrip().startswith('{'):
            try:
                return json.loads(value)
            except ValueError:
                out = safe_eval(value)
                if isinstance(out, dict):
                    return out
                raise TypeError('unable to evaluate string as dictionary')
        if '=' in value:
            try:
                return _pairs(value)
            except ValueError:
                pass
            raise TypeError('unable to evaluate string in the "key=value" format as dictionary')
        raise TypeError('dictionary requested, could not parse JSON or key=value')
    raise TypeError('%s cannot be converted to a dict' % type(value))


def check_type_bool(value):
    """A boolean."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (str, bytes, int, float)):
        return boolean(value)
    raise TypeError('%s cannot be converted to a bool' % type(value))


def check_type_int(value):
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        try:
            if isinstance(value, float) and value != int(value):
                raise ValueError
            value = int(value.strip() if isinstance(value, str) else value)
        except (TypeError, ValueError):
            raise TypeError('"%r" cannot be converted to an int' % (value,))
    return value


def check_type_float(value):
    """A number."""
    if not isinstance(value, float):
        try:
            return float(value)
        except (TypeError, ValueError):
            raise TypeError('%s cannot be converted to a float' % type(value))
    return value


def check_type_path(value):
    """A path, with ~ and variables filled in."""
    return os.path.expanduser(os.path.expandvars(check_type_str(value)))


def check_type_raw(value):
    """Anything."""
    return value


def check_type_bytes(value):
    """A size, such as 10M."""
    try:
        return human_to_bytes(value)
    except ValueError:
        raise TypeError('%s cannot be converted to a Byte value' % type(value))


def check_type_bits(value):
    """A size in bits, such as 10Mb."""
    try:
        return human_to_bytes(value, isbits=True)
    except ValueError:
        raise TypeError('%s cannot be converted to a Bit value' % type(value))


def check_type_jsonarg(value):
    """JSON, as text."""
    if isinstance(value, (str, bytes)):
        return value.strip()
    if isinstance(value, (list, tuple, dict)):
        return jsonify(value)
    raise TypeError('%s cannot be converted to a json string' % type(value))
