"""Kinds of collections."""

from collections.abc import Hashable, Iterable, Mapping, MutableMapping, Sequence, Set  # noqa: F401


class ImmutableDict(Hashable, Mapping):
    """A mapping that does not change and can be a key."""

    def __init__(self, *args, **kwargs):
        self._store = dict(*args, **kwargs)

    def __getitem__(self, key):
        return self._store[key]

    def __iter__(self):
        return iter(self._store)

    def __len__(self):
        return len(self._store)

    def __hash__(self):
        return hash(frozenset(self.items()))

    def __eq__(self, other):
        return isinstance(other, Hashable) and hash(self) == hash(other)

    def __repr__(self):
        return 'ImmutableDict(%r)' % self._store

    def union(self, overriding_mapping):
        """A new mapping with further keys, which win."""
        return ImmutableDict(self._store, **overriding_mapping)

    def difference(self, subtractive_iterable):
        """A new mapping without some keys."""
        without = frozenset(subtractive_iterable)
        return ImmutableDict((k, v) for k, v in self.items() if k not in without)


def is_string(seq):
    """Whether it is text or bytes."""
    return isinstance(seq, (str, bytes))


def is_iterable(seq, include_strings=False):
    """Whether one can walk over it; text counts only if asked for."""
    if is_string(seq) and not include_strings:
        return False
    try:
        iter(seq)
    except TypeError:
        return False
    return True


def is_sequence(seq, include_strings=False):
    """Whether it is a list, a tuple or the like; text counts only if asked for."""
    return (include_strings or not is_string(seq)) and isinstance(seq, Sequence)


def count(seq):
    """How often each item occurs."""
    if not is_iterable(seq):
        raise Exception('Argument provided  is not an iterable')
    out = {}
    for item in seq:
        out[item] = out.get(item, 0) + 1
    return out
