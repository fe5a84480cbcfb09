"""The kinds of collections, where older modules look for them."""

from collections.abc import (  # noqa: F401
    Container, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping, MappingView, MutableMapping, MutableSequence, MutableSet,
    Sequence, Set, Sized, ValuesView,
)
