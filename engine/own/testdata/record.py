"""Records what Ansible answers to calls.json in want.json. Needs ansible-playbook on PATH; the modules are those of library/."""

import json
import os
import subprocess

here = os.path.dirname(os.path.abspath(__file__))
calls = json.load(open(os.path.join(here, 'calls.json')))
tasks = [{'file': {'path': '/tmp/rigcase', 'state': 'absent'}}, {'file': {'path': '/tmp/rigcase', 'state': 'directory'}}]
for i, c in enumerate(calls):
    tasks.append({c['call']: c['args'], 'check_mode': c.get('check', False), 'ignore_errors': True, 'register': 'r%d' % i})
names = ', '.join('r%d' % i for i in range(len(calls)))
tasks.append({'copy': {'content': '{{ [%s] | to_json }}' % names, 'dest': os.path.join(here, 'want.json')}})
play = {'hosts': 'localhost', 'gather_facts': False, 'vars': {'ansible_connection': 'local'}, 'environment': {'LC_ALL': 'C.UTF-8'}, 'tasks': tasks}
book = os.path.join(here, 'recorded.yml')
json.dump([play], open(book, 'w'))
subprocess.call(['ansible-playbook', '-i', 'localhost,', book])
os.unlink(book)
want = json.load(open(os.path.join(here, 'want.json')))
for w in want:
    for key in ('exception', 'deprecations', 'module_stderr', 'stdout_lines'):
        w.pop(key, None)
    w.get('ansible_facts', {}).pop('discovered_interpreter_python', None)
json.dump(want, open(os.path.join(here, 'want.json'), 'w'), indent=1, sort_keys=True)
