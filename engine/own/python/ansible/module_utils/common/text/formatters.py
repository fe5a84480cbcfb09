"""Sizes as people write them."""

import re

SIZE_RANGES = {'Y': 1 << 80, 'Z': 1 << 70, 'E': 1 << 60, 'P': 1 << 50, 'T': 1 << 40, 'G': 1 << 30, 'M': 1 << 20, 'K': 1 << 10, 'B': 1}


def lenient_lowercase(lst):
    """The list with its texts in small letters."""
    return [v.lower() if hasattr(v, 'lower') else v for v in lst]


def human_to_bytes(number, default_unit=None, isbits=False):
    """The number of bytes (or bits) that 10M means."""
    m = re.match(r'^([0-9]*\.?[0-9]+)(?:\s*([A-Za-z]+))?\s*$', str(number))
    if m is None:
        raise ValueError("human_to_bytes() can't interpret following string: %s" % number)
    unit = m.group(2) or default_unit
    if unit is None:
        return int(round(float(m.group(1))))
    size = SIZE_RANGES.get(unit[0].upper())
    kind = 'b' if isbits else 'B'
    if size is None or len(unit) > 1 and unit[1:] not in (kind, kind.lower() + ('it' if isbits else 'yte'), kind + ('it' if isbits else 'yte')) \
            and unit[0].upper() != 'B':
        raise ValueError("human_to_bytes() failed to convert %s (unit = %s). The suffix must be one of %s"
                         % (number, unit, ', '.join(SIZE_RANGES)))
    return int(round(float(m.group(1)) * size))


def bytes_to_human(size, isbits=False, unit=None):
    """10485760 as 10.00 MB."""
    base = 'bits' if isbits else 'Bytes'
    for suffix, limit in sorted(SIZE_RANGES.items(), key=lambda item: -item[1]):
        if unit is None and size >= limit or unit is not None and unit.upper() == suffix[0]:
            break
    if limit != 1:
        suffix += base[0]
    else:
        suffix = base
    return '%.2f %s' % (size / float(limit), suffix)
