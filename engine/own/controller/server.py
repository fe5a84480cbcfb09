"""Runs filter, test and lookup plugins of the content's own: one JSON object a line comes in, one goes out.

The first line brings the texts of what plugins may import. Then `load` makes a file's plugins known and `call` calls one. While a call runs, the
plugin may want a variable: that goes out as `ask`, and the next line that comes in is the answer.
"""

import importlib.abc
import importlib.util
import json
import os
import sys
import traceback


class Texts(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports from the texts that were brought, and of collections from their folders."""

    def __init__(self, files):
        self.files, self.roots = files, []

    def find_spec(self, name, path=None, target=None):
        base = name.replace('.', '/')
        for file, package in ((base + '/__init__.py', True), (base + '.py', False)):
            if file in self.files:
                return importlib.util.spec_from_loader(name, self, origin=file, is_package=package)
        if any(f.startswith(base + '/') for f in self.files):
            return importlib.util.spec_from_loader(name, self, origin=base, is_package=True)
        if name.split('.')[0] == 'ansible_collections':
            return self.collection(name, base)
        return None

    def collection(self, name, base):
        """A package or module of a collection on the disk."""
        for root in self.roots:
            at = os.path.join(root, base)
            if os.path.isfile(at + '.py'):
                return importlib.util.spec_from_file_location(name, at + '.py')
            if os.path.isfile(at + '/__init__.py'):
                return importlib.util.spec_from_file_location(name, at + '/__init__.py', submodule_search_locations=[at])
        found = [os.path.join(r, base) for r in self.roots if os.path.isdir(os.path.join(r, base))]
        if not found:
            return None
        spec = importlib.util.spec_from_loader(name, loader=None, is_package=True)
        spec.submodule_search_locations = found
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        text = self.files.get(module.__spec__.origin, '')
        exec(compile(text, module.__spec__.origin, 'exec'), module.__dict__)


class Server:
    """The plugins that were loaded, and the line to who asks for them."""

    def __init__(self, lines, out):
        self.lines, self.out = lines, out
        self.filters, self.tests, self.lookups = {}, {}, {}

    def read(self):
        line = self.lines.readline()
        if not line:
            sys.exit(0)
        return json.loads(line)

    def write(self, answer):
        self.out.write(json.dumps(answer, default=plain) + '\n')
        self.out.flush()

    def ask(self, what, text):
        """A variable by its name, or all names; KeyError if there is no such variable."""
        self.write({'ask': what, 'text': text})
        got = self.read()
        if got.get('error'):
            raise Exception(got['error'])
        if not got.get('found', True):
            raise KeyError(text)
        return got.get('value')

    def load(self, kind, file, name):
        """Load a file; the names it has are answered."""
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        if kind == 'lookup':
            short = os.path.basename(file)[:-len('.py')]
            self.lookups[name] = module.LookupModule
            return [short]
        made = module.FilterModule().filters() if kind == 'filter' else module.TestModule().tests()
        table = self.filters if kind == 'filter' else self.tests
        for short, function in made.items():
            table[name + ':' + short] = function
        return list(made)

    def call(self, kind, key, args, kwargs):
        if kind == 'lookup':
            return self.lookup(self.lookups[key], args, kwargs)
        return (self.filters if kind == 'filter' else self.tests)[key](*args, **kwargs)

    def lookup(self, make, terms, kwargs):
        from ansible.plugins.lookup import Controller, Variables
        variables = Variables(self.ask)
        try:
            plugin = make(loader=Controller(self.ask, variables), templar=Controller(self.ask, variables))
        except TypeError:
            plugin = make()
        return list(plugin.run(terms, variables=variables, **kwargs))

    def serve(self):
        while True:
            wanted = self.read()
            try:
                if wanted['do'] == 'load':
                    answer = {'names': self.load(wanted['kind'], wanted['file'], wanted['name'])}
                else:
                    answer = {'value': self.call(wanted['kind'], wanted['key'], wanted['args'], wanted['kwargs'])}
                text = json.dumps(answer, default=plain)
            except Exception as e:
                text = json.dumps({'error': str(e) or type(e).__name__, 'trace': traceback.format_exc()})
            self.out.write(text + '\n')
            self.out.flush()


def plain(value):
    """What JSON does not have."""
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, bytes):
        return value.decode('utf-8', 'surrogateescape')
    if hasattr(value, 'keys'):
        return {k: value[k] for k in value.keys()}
    if hasattr(value, '__iter__'):
        return list(value)
    return str(value)


def main():
    lines = os.fdopen(os.dup(0), encoding='utf-8')
    out = os.fdopen(os.dup(1), 'w', encoding='utf-8')
    os.dup2(2, 1)  # what plugins print is not an answer
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    server = Server(lines, out)
    begin = server.read()
    texts = Texts(begin['files'])
    texts.roots = begin['roots']
    # An Ansible that is installed here is better than our few pieces of it.
    sys.meta_path.append(texts)
    server.serve()


main()
