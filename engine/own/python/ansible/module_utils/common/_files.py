"""Files as modules change them: owner, group, mode, SELinux context, attributes, and moving them into place."""

import grp
import hashlib
import os
import pwd
import re
import shutil
import stat
import tempfile
import time

from ansible.module_utils.common.file import _DEFAULT_PERM, _PERM_BITS, format_attributes
from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text

FILE_COMMON_ARGUMENTS = dict(
    mode=dict(type='raw'), owner=dict(type='str'), group=dict(type='str'), seuser=dict(type='str'), serole=dict(type='str'),
    selevel=dict(type='str'), setype=dict(type='str'), attributes=dict(type='str', aliases=['attr']),
    unsafe_writes=dict(type='bool', default=False, fallback=(lambda: _unsafe_by_environment(),)),
)


def _unsafe_by_environment():
    from ansible.module_utils.common.parameters import env_fallback
    return env_fallback('ANSIBLE_UNSAFE_WRITES')


def symbolic_mode(text, old, is_dir, umask=None):
    """The mode that text such as u=rwX,g-w makes of an old one; ValueError if it cannot be read."""
    if umask is None:
        umask = os.umask(0)
        os.umask(umask)
    mode = old
    for clause in text.split(','):
        m = re.match(r'^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$', clause)
        if not m:
            raise ValueError('bad symbolic permission for mode: %s' % clause)
        who = m.group(1)
        users = 'ugo' if not who or 'a' in who else who
        for op, perms in re.findall(r'([-+=])([rwxXstugo]*)', m.group(2)):
            for user in users:
                mode = _apply(mode, user, op, perms, is_dir, 0 if who else umask)
    return mode


def _apply(mode, user, op, perms, is_dir, umask):
    shift = {'u': 6, 'g': 3, 'o': 0}[user]
    bits = special = 0
    for p in perms:
        if p in 'rwx':
            bits |= {'r': 4, 'w': 2, 'x': 1}[p]
        elif p == 'X':
            bits |= 1 if is_dir or mode & 0o111 else 0
        elif p in 'ugo':
            bits |= (mode >> {'u': 6, 'g': 3, 'o': 0}[p]) & 7
        elif p == 's':
            special |= {'u': 0o4000, 'g': 0o2000, 'o': 0}[user]
        elif p == 't':
            special |= 0o1000 if user == 'o' else 0
    change = (bits << shift & ~umask) | special
    if op == '+':
        return mode | change
    if op == '-':
        return mode & ~change
    own = 7 << shift | {'u': 0o4000, 'g': 0o2000, 'o': 0o1000}[user]
    return mode & ~own | change


class Files:
    """What a module has for files."""

    # --- common arguments

    def load_file_common_arguments(self, params, path=None):
        """Of some arguments those that say how a file is to be."""
        path = path or params.get('path', params.get('dest'))
        if path is None:
            return {}
        path = os.path.expanduser(os.path.expandvars(to_native(path)))
        if params.get('follow', False) and os.path.islink(path):
            path = os.path.realpath(path)
        context = [params.get('seuser'), params.get('serole'), params.get('setype')] + ([params.get('selevel')] if self.selinux_mls_enabled() else [])
        default = self.selinux_default_context(path)
        context = [default[i] if c == '_default' and len(default) > i else c for i, c in enumerate(context)]
        return dict(path=path, mode=params.get('mode'), owner=params.get('owner'), group=params.get('group'), seuser=params.get('seuser'),
                    serole=params.get('serole'), setype=params.get('setype'), selevel=params.get('selevel'), secontext=context,
                    attributes=params.get('attributes'))

    def set_fs_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        """Make a file as the common arguments say; whether something changed."""
        path = file_args['path']
        changed = self.set_context_if_different(path, file_args['secontext'], changed, diff)
        changed = self.set_owner_if_different(path, file_args['owner'], changed, diff, expand)
        changed = self.set_group_if_different(path, file_args['group'], changed, diff, expand)
        changed = self.set_mode_if_different(path, file_args['mode'], changed, diff, expand)
        return self.set_attributes_if_different(path, file_args['attributes'], changed, diff, expand)

    set_file_attributes_if_different = set_directory_attributes_if_different = set_fs_attributes_if_different

    @staticmethod
    def _full(path, expand):
        path = to_native(path, errors='surrogate_or_strict')
        return os.path.expanduser(os.path.expandvars(path)) if expand else path

    @staticmethod
    def _note(diff, key, before, after):
        if diff is not None:
            diff.setdefault('before', {})[key] = before
            diff.setdefault('after', {})[key] = after

    def check_file_absent_if_check_mode(self, file_path):
        """Whether nothing can be said of a file, as it would have been made."""
        return self.check_mode and not os.path.exists(file_path)

    def user_and_group(self, path, expand=True):
        """The numbers of a file's owner and group."""
        st = os.lstat(self._full(path, expand))
        return st.st_uid, st.st_gid

    def set_owner_if_different(self, path, owner, changed, diff=None, expand=True):
        """Give a file to an owner, by name or number."""
        return changed if owner is None else self._set_whose(path, owner, 'owner', changed, diff, expand)

    def set_group_if_different(self, path, group, changed, diff=None, expand=True):
        """Give a file to a group, by name or number."""
        return changed if group is None else self._set_whose(path, group, 'group', changed, diff, expand)

    def _set_whose(self, path, whose, what, changed, diff, expand):
        path = self._full(path, expand)
        if self.check_file_absent_if_check_mode(path):
            return True
        uid, gid = self.user_and_group(path, False)
        try:
            wanted = int(whose)
        except ValueError:
            try:
                wanted = pwd.getpwnam(whose).pw_uid if what == 'owner' else grp.getgrnam(whose).gr_gid
            except KeyError:
                self.fail_json(path=path, msg='chown failed: failed to look up user %s' % whose if what == 'owner'
                               else 'chgrp failed: failed to look up group %s' % whose)
        now = uid if what == 'owner' else gid
        if now == wanted:
            return changed
        self._note(diff, what, now, wanted)
        if not self.check_mode:
            try:
                os.lchown(path, *((wanted, -1) if what == 'owner' else (-1, wanted)))
            except OSError as e:
                self.fail_json(path=path, msg='%s failed: %s' % ('chown' if what == 'owner' else 'chgrp', to_text(e)))
        return True

    def set_mode_if_different(self, path, mode, changed, diff=None, expand=True):
        """Give a file a mode: a number, text of octal digits, or such as u=rw,g=r."""
        if mode is None:
            return changed
        path = self._full(path, expand)
        if self.check_file_absent_if_check_mode(path):
            return True
        st = os.lstat(path)
        if not isinstance(mode, int):
            try:
                mode = int(mode, 8)
            except ValueError:
                try:
                    mode = symbolic_mode(mode, stat.S_IMODE(st.st_mode), stat.S_ISDIR(st.st_mode))
                except ValueError as e:
                    self.fail_json(path=path, msg='mode must be in octal or symbolic form', details=to_native(e))
        if mode != stat.S_IMODE(mode):
            self.fail_json(path=path, msg='Invalid mode supplied, only permission info is allowed', details=mode)
        now = stat.S_IMODE(st.st_mode)
        if now == mode or stat.S_ISLNK(st.st_mode) and os.chmod not in os.supports_follow_symlinks:
            return changed
        self._note(diff, 'mode', '0%03o' % now, '0%03o' % mode)
        if self.check_mode:
            return True
        try:
            os.chmod(path, mode, **({'follow_symlinks': False} if stat.S_ISLNK(st.st_mode) else {}))
        except OSError as e:
            self.fail_json(path=path, msg='chmod failed', details=to_native(e))
        return changed or stat.S_IMODE(os.lstat(path).st_mode) != now

    def get_file_attributes(self, path, include_version=True):
        """What lsattr says of a file."""
        out = {}
        program = self.get_bin_path('lsattr')
        if program:
            rc, text, _err = self.run_command([program, '-vd' if include_version else '-d', path])
            words = text.split()
            if rc == 0 and len(words) > (1 if include_version else 0):
                if include_version:
                    out['version'] = words.pop(0)
                out['attr_flags'] = words[0].replace('-', '').strip()
                out['attributes'] = format_attributes(out['attr_flags'])
        return out

    def set_attributes_if_different(self, path, attributes, changed, diff=None, expand=True):
        """Give a file attributes, in the letters of chattr, with + or - or = before them."""
        if attributes is None:
            return changed
        path = self._full(path, expand)
        if self.check_file_absent_if_check_mode(path):
            return True
        now = self.get_file_attributes(path, include_version=False).get('attr_flags', '')
        how, letters = (attributes[0], attributes[1:]) if attributes[:1] in '+-=' else ('=', attributes)
        if how == '=' and set(now) == set(letters) or how == '+' and set(letters) <= set(now) or how == '-' and not set(letters) & set(now):
            return changed
        self._note(diff, 'attributes', now, attributes)
        program = self.get_bin_path('chattr')
        if program and not self.check_mode:
            rc, out, err = self.run_command([program, how + letters, path])
            if rc != 0 or err:
                self.fail_json(path=path, msg='chattr failed', details='Error while setting attributes: %s' % (out + err))
        return True

    # --- SELinux

    def selinux_enabled(self):
        """Whether SELinux is on and can be spoken to."""
        if self._selinux is None:
            try:
                import selinux
                self._selinux = selinux if selinux.is_selinux_enabled() == 1 else False
            except ImportError:
                self._selinux = False
        return bool(self._selinux)

    _selinux = None

    def selinux_mls_enabled(self):
        """Whether contexts have a level."""
        return self.selinux_enabled() and self._selinux.is_selinux_mls_enabled() == 1

    def selinux_initial_context(self):
        return [None] * (4 if self.selinux_mls_enabled() else 3)

    def selinux_default_context(self, path, mode=0):
        """The context that the policy wants for a path."""
        if self.selinux_enabled():
            try:
                rc, context = self._selinux.matchpathcon(to_native(path), mode)
                if rc != -1:
                    return context.split(':', 3)
            except OSError:
                pass
        return self.selinux_initial_context()

    def selinux_context(self, path):
        """The context that a path has."""
        if self.selinux_enabled():
            try:
                rc, context = self._selinux.lgetfilecon_raw(to_native(path))
                if rc != -1:
                    return context.split(':', 3)
            except OSError as e:
                self.fail_json(path=path, msg='failed to retrieve selinux context: %s' % to_native(e))
        return self.selinux_initial_context()

    def set_default_selinux_context(self, path, changed):
        """Give a path the context that the policy wants."""
        if not self.selinux_enabled():
            return changed
        return self.set_context_if_different(path, self.selinux_default_context(path), changed)

    def set_context_if_different(self, path, context, changed, diff=None):
        """Give a path a context; parts that are None stay."""
        if not self.selinux_enabled():
            return changed
        if self.check_file_absent_if_check_mode(path):
            return True
        now = self.selinux_context(path)
        wanted = [c if c is not None and c != '_default' else now[i] for i, c in enumerate(context[:len(now)])] + now[len(context):]
        if wanted == now:
            return changed
        self._note(diff, 'secontext', now, wanted)
        if not self.check_mode:
            try:
                if self._selinux.lsetfilecon(to_native(path), ':'.join(wanted)) != 0:
                    self.fail_json(path=path, msg='set selinux context failed')
            except OSError as e:
                self.fail_json(path=path, msg='invalid selinux context: %s' % to_native(e), new_context=wanted, cur_context=now, input_was=context)
        return True

    # --- telling of files

    def add_path_info(self, kwargs):
        """Add to a result what the file is now that its path or dest names."""
        path = kwargs.get('path', kwargs.get('dest'))
        if not isinstance(path, (str, bytes)) or not os.path.lexists(path):
            return kwargs
        st = os.lstat(path)
        kwargs.update(uid=st.st_uid, gid=st.st_gid, mode='0%03o' % stat.S_IMODE(st.st_mode), size=st.st_size)
        for key, look in (('owner', lambda: pwd.getpwuid(st.st_uid).pw_name), ('group', lambda: grp.getgrgid(st.st_gid).gr_name)):
            try:
                kwargs[key] = look()
            except KeyError:
                kwargs[key] = str(st.st_uid if key == 'owner' else st.st_gid)
        kind = {stat.S_IFLNK: 'link', stat.S_IFDIR: 'directory', stat.S_IFREG: 'file'}.get(stat.S_IFMT(st.st_mode), 'unknown')
        kwargs['state'] = 'hard' if kind == 'file' and st.st_nlink > 1 else kind
        if self.selinux_enabled():
            kwargs['secontext'] = ':'.join(str(c) for c in self.selinux_context(path))
        return kwargs

    def digest_from_file(self, filename, algorithm):
        """The digest of a file; None if there is none."""
        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json(msg='attempted to take checksum of directory: %s' % filename)
        if hasattr(algorithm, 'hexdigest'):
            digest = algorithm
        else:
            try:
                digest = hashlib.new(algorithm)
            except ValueError:
                self.fail_json(msg="Could not hash file '%s' with algorithm '%s'. Available algorithms: %s"
                               % (filename, algorithm, ', '.join(sorted(hashlib.algorithms_available))))
        with open(filename, 'rb') as f:
            for block in iter(lambda: f.read(65536), b''):
                digest.update(block)
        return digest.hexdigest()

    def md5(self, filename):
        return self.digest_from_file(filename, 'md5')

    def sha1(self, filename):
        return self.digest_from_file(filename, 'sha1')

    def sha256(self, filename):
        return self.digest_from_file(filename, 'sha256')

    def find_mount_point(self, path):
        """The mount point above a path."""
        path = os.path.abspath(os.path.expanduser(to_native(path)))
        while not os.path.ismount(path):
            path = os.path.dirname(path)
        return path

    # --- moving files

    def backup_local(self, fn):
        """Copy a file beside itself, named by the time, and return the copy's path."""
        if not os.path.exists(fn):
            return ''
        copy = '%s.%s.%s' % (fn, os.getpid(), time.strftime('%Y-%m-%d@%H:%M:%S~', time.localtime()))
        try:
            self.preserved_copy(fn, copy)
        except (shutil.Error, OSError) as e:
            self.fail_json(msg='Could not make backup of %s to %s: %s' % (fn, copy, to_native(e)))
        return copy

    def cleanup(self, tmpfile):
        """Remove a temporary file."""
        if os.path.exists(tmpfile):
            try:
                os.unlink(tmpfile)
            except OSError as e:
                self.warn('could not cleanup %s: %s' % (tmpfile, to_native(e)))

    def preserved_copy(self, src, dest):
        """Copy a file with its owner, mode, context and times."""
        shutil.copy2(src, dest)
        context = self.selinux_context(src)
        if self.selinux_enabled() and None not in context:
            self.set_context_if_different(dest, context, False)
        st = os.stat(src)
        try:
            os.chown(dest, st.st_uid, st.st_gid)
        except OSError:
            pass  # only root may give files away
        return dest

    def atomic_move(self, src, dest, unsafe_writes=False, keep_dest_attrs=True):
        """Move a file into the place of another at once; who owned the old one owns the new, and its mode stays."""
        old = None
        if os.path.exists(dest):
            dest = os.path.realpath(dest) if os.path.islink(dest) else dest
            old = os.stat(dest)
        context = self.selinux_context(dest) if old else self.selinux_default_context(dest)
        try:
            if old and keep_dest_attrs:
                self._like(src, old)
            os.rename(to_bytes(src), to_bytes(dest))
        except OSError as e:
            self._move_across(src, dest, old if keep_dest_attrs else None, unsafe_writes, e)
        if old is None and keep_dest_attrs:
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(dest, _DEFAULT_PERM & ~umask)
            try:
                os.chown(dest, os.geteuid(), os.getegid())
            except OSError:
                pass
        if self.selinux_enabled() and None not in context:
            self.set_context_if_different(dest, context, False)

    @staticmethod
    def _like(path, st):
        os.chmod(path, st.st_mode & _PERM_BITS)
        try:
            os.chown(path, st.st_uid, st.st_gid)
        except OSError:
            pass  # not root: the file is ours then

    def _move_across(self, src, dest, old, unsafe_writes, why):
        """Move a file from another file system: by way of a copy beside its place."""
        beside = None
        try:
            handle, beside = tempfile.mkstemp(prefix='.ansible_tmp', dir=os.path.dirname(dest) or '.', suffix=os.path.basename(dest))
            os.close(handle)
            shutil.copyfile(src, beside)
            shutil.copystat(src, beside)
            if old:
                self._like(beside, old)
            os.rename(beside, dest)
            os.unlink(src)
        except (shutil.Error, OSError) as e:
            if beside and os.path.exists(beside):
                os.unlink(beside)
            if not unsafe_writes:
                self.fail_json(msg='Could not replace file: %s to %s: %s' % (src, dest, to_native(e) or to_native(why)))
            with open(src, 'rb') as of, open(dest, 'wb') as to:  # asked for: what is there is written over
                shutil.copyfileobj(of, to)
            os.unlink(src)

    def append_to_file(self, filename, str):
        """Add text to the end of a file."""
        with open(self._full(filename, True), 'a') as f:
            f.write(str)
