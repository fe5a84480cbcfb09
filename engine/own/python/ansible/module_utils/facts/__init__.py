"""Drydock gathers facts itself: what of Ansible's collectors a module imports is not there."""


def __getattr__(name):
    raise ImportError('Drydock brings no ansible.module_utils.facts to hosts; gather facts with the setup module and hand them to the module')
