"""The version, where older modules look for it."""

from ansible.release import __version__, __author__, __codename__  # noqa: F401
