"""Booleans as people write them."""

BOOLEANS_TRUE = frozenset(('y', 'yes', 'on', '1', 'true', 't', 1, 1.0, True))
BOOLEANS_FALSE = frozenset(('n', 'no', 'off', '0', 'false', 'f', 0, 0.0, False))
BOOLEANS = BOOLEANS_TRUE.union(BOOLEANS_FALSE)


def boolean(value, strict=True):
    """Make a boolean; strict raises TypeError for what is none, else it is false."""
    if isinstance(value, bool):
        return value
    word = value
    if isinstance(value, (str, bytes)):
        word = (value.decode('utf-8', 'replace') if isinstance(value, bytes) else value).lower().strip()
    try:
        if word in BOOLEANS_TRUE:
            return True
        if not strict or word in BOOLEANS_FALSE:
            return False
    except TypeError:  # a list or mapping
        if not strict:
            return False
    raise TypeError("The value '%s' is not a valid boolean. Valid booleans include: %s"
                    % (value, ', '.join(repr(i) for i in sorted(BOOLEANS, key=str))))
