"""Modes of files."""

import os
import stat

S_IRANY = 0o444
S_IRWU_RG_RO = 0o644
S_IRWXU_RXG_RXO = 0o755
DEFAULT_PERM = _DEFAULT_PERM = 0o666
_PERM_BITS = 0o7777
_EXEC_PERM_BITS = 0o111


def is_executable(path):
    """Whether anybody may execute it: 0 or the bits that say so."""
    return (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH) & os.stat(path)[stat.ST_MODE]


def format_attributes(attributes):
    """The letters of chattr as names."""
    return [FILE_ATTRIBUTES.get(attr) for attr in attributes if attr in FILE_ATTRIBUTES]


def get_flags_from_attributes(attributes):
    """The names of attributes as letters of chattr."""
    return ''.join(letter for letter, name in FILE_ATTRIBUTES.items() if name in attributes)


FILE_ATTRIBUTES = {
    'A': 'noatime', 'a': 'append', 'c': 'compressed', 'C': 'nocow', 'd': 'nodump', 'D': 'dirsync', 'e': 'extents', 'E': 'encrypted',
    'h': 'blocksize', 'i': 'immutable', 'I': 'indexed', 'j': 'journalled', 'N': 'inline', 's': 'zero', 'S': 'synchronous', 't': 'notail',
    'T': 'blockroot', 'u': 'undelete', 'X': 'compressedraw', 'Z': 'compresseddirty',
}
