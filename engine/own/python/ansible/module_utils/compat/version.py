"""Versions that can be compared."""

import functools
import re


@functools.total_ordering
class Version:
    """What all kinds of version have in common."""

    version = None

    def __init__(self, vstring=None):
        if vstring:
            self.parse(vstring)

    def parse(self, vstring):
        raise NotImplementedError

    def _cmp(self, other):
        raise NotImplementedError

    def _other(self, other):
        return type(self)(other) if isinstance(other, str) else other

    def __eq__(self, other):
        other = self._other(other)
        return isinstance(other, Version) and self._cmp(other) == 0

    def __lt__(self, other):
        other = self._other(other)
        if not isinstance(other, Version):
            return NotImplemented
        return self._cmp(other) < 0

    def __repr__(self):
        return "%s ('%s')" % (type(self).__name__, self)


class LooseVersion(Version):
    """Numbers and words in any order."""

    def parse(self, vstring):
        self.vstring = vstring
        parts = [p for p in re.split(r'(\d+|[a-z]+|\.)', vstring) if p and p != '.']
        self.version = [int(p) if p.isdigit() else p for p in parts]

    def __str__(self):
        return self.vstring

    def _cmp(self, other):
        if self.version == other.version:
            return 0
        return -1 if self.version < other.version else 1


class StrictVersion(Version):
    """1.2, 1.2.3, 1.2a1."""

    def parse(self, vstring):
        m = re.match(r'^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$', vstring)
        if not m:
            raise ValueError("invalid version number '%s'" % vstring)
        self.version = (int(m.group(1)), int(m.group(2)), int(m.group(3) or 0))
        self.prerelease = (m.group(4), int(m.group(5))) if m.group(4) else None

    def __str__(self):
        text = '.'.join(str(n) for n in (self.version if self.version[2] else self.version[:2]))
        return text + ('%s%d' % self.prerelease if self.prerelease else '')

    def _cmp(self, other):
        mine, theirs = ((v.version, v.prerelease or ('c', 0)) for v in (self, other))
        return (mine > theirs) - (mine < theirs)
