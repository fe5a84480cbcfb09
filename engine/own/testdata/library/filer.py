#!/usr/bin/python
"""Writes a file as modules do."""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.six import string_types


def main():
    m = AnsibleModule(argument_spec=dict(path=dict(type='path', required=True), text=dict(default='x')), add_file_common_args=True,
                      supports_check_mode=True)
    path, changed, diff = m.params['path'], False, {}
    old = open(path).read() if os.path.exists(path) else None
    if old != m.params['text']:
        changed = True
        if not m.check_mode:
            tmp = os.path.join(m.tmpdir, 'new')
            with open(tmp, 'w') as f:
                f.write(m.params['text'])
            m.atomic_move(tmp, path)
    changed = m.set_fs_attributes_if_different(m.load_file_common_arguments(m.params), changed, diff)
    m.exit_json(changed=changed, how=diff, is_text=isinstance(to_text(b'a'), string_types), sum=m.sha256(path), dest=path)


main()
