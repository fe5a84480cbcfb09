"""Running programs from a module."""

import os
import re
import selectors
import shlex
import subprocess

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text


class Commands:
    """What a module has for running programs."""

    def run_command(self, args, check_rc=False, close_fds=True, executable=None, data=None, binary_data=False, path_prefix=None, cwd=None,
                    use_unsafe_shell=False, prompt_regex=None, environ_update=None, umask=None, encoding='utf-8', errors='surrogate_or_strict',
                    expand_user_and_vars=True, pass_fds=None, before_communicate_callback=None, ignore_invalid_cwd=True, handle_exceptions=True):
        """Run a program, given as a list or as one text, and return its exit status, output and error output."""
        if not isinstance(args, (list, tuple, str, bytes)):
            self.fail_json(rc=257, cmd=args, msg="Argument 'args' to run_command must be list or string")
        words, shown = self._command_words(args, use_unsafe_shell, expand_user_and_vars, executable)
        env = self._command_environ(path_prefix, environ_update)
        if cwd:
            cwd = os.path.abspath(os.path.expanduser(to_native(cwd)))
            if not os.path.isdir(cwd):
                if not ignore_invalid_cwd:
                    self.fail_json(msg='Provided cwd is not a valid directory: %s' % cwd)
                cwd = None
        options = dict(stdin=subprocess.PIPE if data is not None else subprocess.DEVNULL if prompt_regex is None else subprocess.PIPE,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=close_fds, env=env, cwd=cwd)
        if pass_fds:
            options['pass_fds'] = pass_fds
        if umask is not None:
            options['preexec_fn'] = lambda: os.umask(umask)
        if use_unsafe_shell:
            options.update(shell=True, executable=to_native(executable or self._shell or '/bin/sh'))
        elif executable:
            options['executable'] = to_native(executable)
        if data is not None and not binary_data:
            data = to_bytes(data) + b'\n'
        try:
            self.log('Executing: %s' % self._shown_command(shown))
            p = subprocess.Popen(words, **options)
            if before_communicate_callback:
                before_communicate_callback(p)
            out, err, asked = self._communicate(p, None if data is None else to_bytes(data), prompt_regex)
        except OSError as e:
            if not handle_exceptions:
                raise
            self.fail_json(rc=e.errno, stdout='', stderr='', msg='Error executing command: %s' % to_native(e), cmd=self._shown_command(shown), exception=e)
        except Exception as e:
            if not handle_exceptions:
                raise
            self.fail_json(rc=257, stdout='', stderr='', msg='Error executing command: %s' % to_native(e), cmd=self._shown_command(shown), exception=e)
        if asked:
            return (257, to_native(out, errors=errors), 'A prompt was encountered while running a command, but no input data was specified')
        if encoding is not None:
            out, err = to_text(out, encoding=encoding, errors=errors), to_text(err, encoding=encoding, errors=errors)
        if p.returncode != 0 and check_rc:
            text = to_native(err, errors='surrogate_or_replace').rstrip() or 'command failed with exit status %d' % p.returncode
            self.fail_json(cmd=self._shown_command(shown), rc=p.returncode, stdout=out, stderr=err, msg=text)
        return (p.returncode, out, err)

    def _command_words(self, args, shell, expand, executable):
        """What Popen takes, and what is shown."""
        if shell:
            text = ' '.join(shlex.quote(to_text(a)) for a in args) if isinstance(args, (list, tuple)) else to_text(args, errors='surrogateescape')
            return text, [text]
        if isinstance(args, (str, bytes)):
            args = shlex.split(to_text(args, errors='surrogateescape'))
        words = [to_text(a, errors='surrogateescape') for a in args if a is not None]
        if expand:
            words = [os.path.expanduser(os.path.expandvars(w)) for w in words]
        return words, words

    def _command_environ(self, path_prefix, environ_update):
        env = dict(os.environ)
        env.update({k: to_native(v) for k, v in self.run_command_environ_update.items()})
        env.update({k: to_native(v) for k, v in (environ_update or {}).items()})
        if path_prefix:
            env['PATH'] = '%s:%s' % (path_prefix, env['PATH']) if env.get('PATH') else path_prefix
        return env

    def _communicate(self, p, data, prompt_regex):
        """Talk with a program until it ends; True at the end says that it asked what nobody answers."""
        if prompt_regex is None:
            out, err = p.communicate(data)
            return out, err, False
        prompts = [re.compile(to_bytes(r), re.MULTILINE) for r in ([prompt_regex] if isinstance(prompt_regex, (str, bytes)) else prompt_regex)]
        if data:
            p.stdin.write(data)
        p.stdin.close()
        heard = {p.stdout: b'', p.stderr: b''}
        with selectors.DefaultSelector() as ready:
            for stream in heard:
                ready.register(stream, selectors.EVENT_READ)
            while ready.get_map():
                for key, _events in ready.select(1):
                    chunk = os.read(key.fileobj.fileno(), 65536)
                    heard[key.fileobj] += chunk
                    if not chunk:
                        ready.unregister(key.fileobj)
                if not data and any(r.search(heard[p.stdout]) for r in prompts):
                    p.kill()
                    p.wait()
                    return heard[p.stdout], heard[p.stderr], True
                if p.poll() is not None and not ready.select(0):
                    break
        p.wait()
        return heard[p.stdout], heard[p.stderr], False

    def _shown_command(self, words):
        """A command for people: what follows a password option, or looks like one, is hidden."""
        from ansible.module_utils.basic import heuristic_log_sanitize
        out, hide = [], False
        for w in words:
            if hide:
                w, hide = '********', False
            elif re.match(r'^[-]{0,2}pass[-]?(word|wd)?', w):
                head, eq, _rest = w.partition('=')
                w, hide = (head + '=********', False) if eq else (w, True)
            out.append(heuristic_log_sanitize(w, self.no_log_values))
        return ' '.join(shlex.quote(w) for w in out)

    @staticmethod
    def get_buffer_size(fd):
        """How much may be written to a pipe at once."""
        return 9000
