"""Calls a module of the content's own: python ARCHIVE MODULE NAME ARGUMENTS.

ARCHIVE is the zip file that holds this text and all that modules may import. It is unpacked beside itself once, so that
Python can keep what it has compiled.
"""

import json
import os
import sys
import traceback
import types


def unpack(archive):
    """Unpack the archive, once, and return the folder."""
    folder = archive[:-len('.zip')]
    if not os.path.isdir(folder):
        import shutil
        import tempfile
        import zipfile
        new = tempfile.mkdtemp(dir=os.path.dirname(archive))
        with zipfile.ZipFile(archive) as z:
            z.extractall(new)
        try:
            os.rename(new, folder)
        except OSError:  # another call was faster
            shutil.rmtree(new, ignore_errors=True)
    return folder


def call(module, name, folder):
    """Run a module's text as the main program, within the package that its full name says."""
    sys.path[0] = folder
    main = types.ModuleType('__main__')
    main.__file__ = module
    main.__package__ = name.rpartition('.')[0]
    main.__builtins__ = __builtins__
    sys.modules['__main__'] = main
    with open(module, 'rb') as f:
        code = compile(f.read(), module, 'exec')
    exec(code, main.__dict__)


def main():
    archive, module, name, arguments = sys.argv
    folder = unpack(os.path.abspath(archive))
    with open(arguments, 'rb') as f:
        given = f.read()
    sys.argv = [module]
    sys.path[0] = folder
    from ansible.module_utils import basic
    basic._CALL = [archive, module, name, arguments]
    basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': json.loads(given.decode('utf-8'))}).encode('utf-8')
    try:
        call(module, name, folder)
    except Exception as e:
        print(json.dumps({
            'failed': True, 'changed': False, 'exception': traceback.format_exc(),
            'msg': 'Task failed: Module failed: %s' % (e or type(e).__name__),
        }))
        sys.exit(1)


if __name__ == '__main__':
    main()
