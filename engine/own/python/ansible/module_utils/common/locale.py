"""A locale in which programs print what can be parsed."""


def get_best_parsable_locale(module, preferences=None, raise_on_locale=False):
    """The first of the preferred locales that the host has; C if none."""
    try:
        program = module.get_bin_path('locale')
        if not program:
            raise RuntimeWarning('Could not find \'locale\' tool')
        rc, out, err = module.run_command([program, '-a'])
        if rc != 0 or not out:
            raise RuntimeWarning('Unable to get locale information, rc=%s: %s' % (rc, err))
        have = out.strip().splitlines()
        for name in preferences or ['C.utf8', 'C.UTF-8', 'en_US.utf8', 'C', 'POSIX']:
            if name in have:
                return name
    except RuntimeWarning:
        if raise_on_locale:
            raise
    return 'C'
