"""Warnings that a module gives with its result."""

_warnings = []
_deprecations = []


def warn(warning, *args, **kwargs):
    """Keep a warning, once."""
    if not isinstance(warning, str):
        raise TypeError('warn requires a string not a %s' % type(warning))
    if warning not in _warnings:
        _warnings.append(warning)


def deprecate(msg, version=None, date=None, collection_name=None, **kwargs):
    """Keep a note that something will go away, once."""
    if not isinstance(msg, str):
        raise TypeError('deprecate requires a string not a %s' % type(msg))
    note = {'msg': msg, 'collection_name': collection_name}
    if date is not None:
        note['date'] = str(date)
    else:
        note['version'] = version
    if note not in _deprecations:
        _deprecations.append(note)


def get_warning_messages():
    """The warnings so far."""
    return tuple(_warnings)


def get_deprecation_messages():
    """The notes so far."""
    return tuple(_deprecations)
