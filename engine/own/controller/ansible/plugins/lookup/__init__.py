"""What lookup plugins are made of."""

import os
from collections.abc import MutableMapping

from ansible.errors import AnsibleError, AnsibleFileNotFound, AnsibleLookupError


class Variables(MutableMapping):
    """The variables of the task, each asked for when it is wanted."""

    def __init__(self, ask):
        self._ask, self._own = ask, {}

    def __getitem__(self, name):
        return self._own[name] if name in self._own else self._ask('var', name)

    def __setitem__(self, name, value):
        self._own[name] = value

    def __delitem__(self, name):
        self._own.pop(name, None)

    def __iter__(self):
        return iter(list(self._own) + [n for n in self._ask('names', '') or [] if n not in self._own])

    def __len__(self):
        return len(list(iter(self)))

    def copy(self):
        return dict(self)


class Controller:
    """The loader of files and the templar, as far as lookups use them."""

    def __init__(self, ask, variables):
        self._ask, self._variables, self.available_variables = ask, variables, variables
        self._available_variables = variables

    def template(self, variable, **kwargs):
        """What a plugin puts together is no template: as in Ansible since 2.19, only what an author wrote is, and that was evaluated before."""
        return variable

    def set_temporary_context(self, **kwargs):
        import contextlib
        return contextlib.nullcontext()

    def get_basedir(self):
        return self._ask('var', 'playbook_dir')

    def path_dwim(self, given):
        given = os.path.expanduser(given)
        return given if os.path.isabs(given) else os.path.join(self.get_basedir(), given)

    def path_exists(self, path):
        return os.path.exists(self.path_dwim(path))

    def is_file(self, path):
        return os.path.isfile(self.path_dwim(path))

    def is_directory(self, path):
        return os.path.isdir(self.path_dwim(path))

    def list_directory(self, path):
        return os.listdir(self.path_dwim(path))

    def get_real_file(self, path, decrypt=True):
        return self.path_dwim(path)

    def _get_file_contents(self, path):
        with open(self.path_dwim(path), 'rb') as f:
            return f.read(), True

    def get_text_file_contents(self, path, encoding=None):
        return self._get_file_contents(path)[0].decode(encoding or 'utf-8')

    def load_from_file(self, path, **kwargs):
        return self.load(self.get_text_file_contents(path))

    def load(self, data, **kwargs):
        import json
        try:
            return json.loads(data)
        except ValueError:
            import yaml
            return yaml.safe_load(data)


class LookupBase:
    """A lookup plugin."""

    def __init__(self, loader=None, templar=None, **kwargs):
        self._loader, self._templar, self._options, self._display = loader, templar, {}, None
        from ansible.utils.display import Display
        self._display = Display()

    def set_options(self, task_keys=None, var_options=None, direct=None):
        """Take options: those given, else from variables, the environment and the defaults that the plugin's documentation names."""
        direct = direct or {}
        for name, option in self._documented().items():
            value = option.get('default')
            for source in option.get('env') or []:
                value = os.environ.get(source.get('name'), value)
            for source in option.get('vars') or []:
                value = (var_options or {}).get(source.get('name'), value)
            self._options[name] = value
        self._options.update(direct)

    def _documented(self):
        import sys
        text = getattr(sys.modules[type(self).__module__], 'DOCUMENTATION', '') or ''
        try:
            import yaml
            return (yaml.safe_load(text) or {}).get('options') or {}
        except Exception:  # without a reader of YAML there are only the options that are given
            return {}

    def get_option(self, option, hostvars=None):
        if option not in self._options and option not in self._documented():
            raise KeyError('Requested entry (plugin_type: lookup setting: %s ) was not defined in configuration.' % option)
        return self._options.get(option)

    def get_options(self, hostvars=None):
        return dict(self._options)

    def set_option(self, option, value):
        self._options[option] = value

    def has_option(self, option):
        return option in self._options

    @staticmethod
    def get_basedir(variables):
        return (variables.get('ansible_search_path') or [variables.get('playbook_dir')])[0]

    def find_file_in_search_path(self, myvars, subdir, needle, ignore_missing=False):
        """The path of a file of the content."""
        needle = os.path.expanduser(needle)
        dirs = list(myvars.get('ansible_search_path') or []) + [myvars.get('playbook_dir')]
        for d in [''] if os.path.isabs(needle) else dirs:
            for path in (os.path.join(d, subdir, needle), os.path.join(d, needle)):
                if os.path.exists(path):
                    return os.path.abspath(path)
        if not ignore_missing:
            raise AnsibleFileNotFound('Unable to find %r in expected paths' % needle)
        return None

    @staticmethod
    def _flatten(terms):
        out = []
        for term in terms:
            out.extend(term if isinstance(term, (list, tuple)) else [term])
        return out

    @staticmethod
    def _combine(a, b):
        return [LookupBase._flatten([x, y]) for x in a for y in b]


__all__ = ['LookupBase', 'Variables', 'Controller', 'AnsibleError', 'AnsibleLookupError']
