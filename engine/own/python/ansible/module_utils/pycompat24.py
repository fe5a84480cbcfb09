"""What modules for very old Pythons ask for."""

import sys
from ast import literal_eval  # noqa: F401


def get_exception():
    """The exception that is being handled."""
    return sys.exc_info()[1]
