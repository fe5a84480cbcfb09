"""What kind of system this is."""

import platform

# What os-release calls them, and what Ansible does.
_NAMES = {'debian': 'Debian', 'ubuntu': 'Ubuntu', 'rhel': 'Redhat', 'centos': 'Centos', 'fedora': 'Fedora', 'rocky': 'Rocky', 'almalinux': 'Almalinux',
          'amzn': 'Amazon', 'ol': 'Oracle', 'opensuse-leap': 'Opensuse-leap', 'sles': 'Sles', 'arch': 'Arch', 'alpine': 'Alpine', 'raspbian': 'Raspbian'}


def _os_release():
    out = {}
    for path in ('/etc/os-release', '/usr/lib/os-release'):
        try:
            with open(path) as f:
                for line in f:
                    key, eq, val = line.strip().partition('=')
                    if eq and not key.startswith('#'):
                        out[key] = val.strip('"\'')
            return out
        except OSError:
            pass
    return out


def get_distribution():
    """The distribution, as Ansible writes it; OtherLinux where it is not known."""
    if platform.system() != 'Linux':
        return platform.system() or None
    name = _os_release().get('ID', '')
    return _NAMES.get(name, name.capitalize()) or 'OtherLinux'


def get_distribution_version():
    """The version of the distribution; empty where it has none."""
    if platform.system() != 'Linux':
        return None
    return _os_release().get('VERSION_ID', '')


def get_distribution_codename():
    """The code name of the distribution; None where it has none."""
    if platform.system() != 'Linux':
        return None
    release = _os_release()
    return release.get('VERSION_CODENAME') or release.get('UBUNTU_CODENAME') or None


def get_all_subclasses(cls):
    """The classes below a class, at every depth."""
    out = set()
    for sub in cls.__subclasses__():
        out |= {sub} | get_all_subclasses(sub)
    return out


def get_platform_subclass(cls):
    """The class below cls that is for this platform and distribution, else for this platform, else cls."""
    system, distribution = platform.system(), get_distribution()
    for wanted in (distribution, None):
        for sub in get_all_subclasses(cls):
            if sub.platform == system and getattr(sub, 'distribution', None) == wanted:
                return sub
    return cls
