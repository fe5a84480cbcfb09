"""Text and bytes."""

import codecs
import datetime
import json

try:
    codecs.lookup_error('surrogateescape')
    HAS_SURROGATEESCAPE = True
except LookupError:  # pragma: no cover
    HAS_SURROGATEESCAPE = False

_TRIES = {None: ('surrogateescape',), 'surrogate_or_strict': ('surrogateescape',), 'surrogate_or_replace': ('surrogateescape', 'replace'),
          'surrogate_then_replace': ('surrogateescape', 'replace')}


def _other(obj, nonstring, convert):
    """What becomes of a value that is neither text nor bytes."""
    if nonstring == 'simplerepr':
        return convert(str(obj))
    if nonstring == 'passthru':
        return obj
    if nonstring == 'empty':
        return convert('')
    if nonstring == 'strict':
        raise TypeError('obj must be a string type')
    raise TypeError('Invalid value %s for the nonstring parameter' % nonstring)


def _first(tries, do):
    for handler in tries[:-1]:
        try:
            return do(handler)
        except UnicodeError:
            pass
    return do(tries[-1])


def to_bytes(obj, encoding='utf-8', errors=None, nonstring='simplerepr'):
    """Make bytes of text; bytes stay as they are."""
    if isinstance(obj, bytes):
        return obj
    if isinstance(obj, str):
        return _first(_TRIES.get(errors, (errors,)), lambda how: obj.encode(encoding, how))
    return _other(obj, nonstring, lambda s: to_bytes(s, encoding, errors))


def to_text(obj, encoding='utf-8', errors=None, nonstring='simplerepr'):
    """Make text of bytes; text stays as it is."""
    if isinstance(obj, str):
        return obj
    if isinstance(obj, bytes):
        return _first(_TRIES.get(errors, (errors,)), lambda how: obj.decode(encoding, how))
    return _other(obj, nonstring, lambda s: s)


to_native = to_text


def container_to_text(d, encoding='utf-8', errors='surrogate_or_strict'):
    """Make text of all bytes within lists, tuples and mappings."""
    return _walk(d, bytes, lambda s: to_text(s, encoding, errors))


def container_to_bytes(d, encoding='utf-8', errors='surrogate_or_strict'):
    """Make bytes of all text within lists, tuples and mappings."""
    return _walk(d, str, lambda s: to_bytes(s, encoding, errors))


def _walk(d, kind, convert):
    if isinstance(d, kind):
        return convert(d)
    if isinstance(d, dict):
        return {_walk(k, kind, convert): _walk(v, kind, convert) for k, v in d.items()}
    if isinstance(d, list):
        return [_walk(v, kind, convert) for v in d]
    if isinstance(d, tuple):
        return tuple(_walk(v, kind, convert) for v in d)
    return d


def _plain(o):
    """Values that JSON does not have."""
    if isinstance(o, (set, frozenset)):
        return sorted(o, key=str)
    if isinstance(o, (datetime.datetime, datetime.date)):
        return o.isoformat()
    if isinstance(o, bytes):
        return to_text(o, errors='surrogate_or_replace')
    try:
        return dict(o)
    except (TypeError, ValueError):
        pass
    try:
        return list(o)
    except TypeError:
        raise TypeError('%s cannot be written as JSON: %r' % (type(o).__name__, o))


def jsonify(data, **kwargs):
    """Write data as JSON."""
    return json.dumps(container_to_text(data, errors='surrogate_or_replace'), default=_plain, **kwargs)
