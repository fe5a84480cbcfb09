"""What plugins say: it goes to the error output."""

import sys


class Display:
    """The screen, as plugins see it."""

    verbosity = 0

    def warning(self, msg, *args, **kwargs):
        print('[WARNING]: %s' % msg, file=sys.stderr)

    def deprecated(self, msg, *args, **kwargs):
        pass

    def display(self, msg, *args, **kwargs):
        print(msg, file=sys.stderr)

    error = warning

    def verbose(self, msg, *args, **kwargs):
        pass

    v = vv = vvv = vvvv = vvvvv = debug = verbose
