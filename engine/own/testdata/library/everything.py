#!/usr/bin/python
"""Takes arguments of every kind and tells what it was given."""

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible.module_utils.mine import greet


def main():
    m = AnsibleModule(
        argument_spec=dict(
            name=dict(type='str', required=True, aliases=['n']),
            secret=dict(type='str', no_log=True),
            count=dict(type='int', default=1),
            ratio=dict(type='float'),
            state=dict(choices=['present', 'absent', 'yes'], default='present'),
            lst=dict(type='list', elements='int'),
            words=dict(type='list', elements='str', choices=['a', 'b']),
            flag=dict(type='bool'),
            where=dict(type='path'),
            size=dict(type='bytes'),
            blob=dict(type='jsonarg'),
            any=dict(type='raw'),
            envd=dict(fallback=(env_fallback, ['NO_SUCH_VARIABLE', 'LC_ALL'])),
            sub=dict(type='dict', options=dict(a=dict(type='bool', default=False), b=dict(required=True))),
            subs=dict(type='list', elements='dict', options=dict(k=dict(type='int'), v=dict(default='d')), required_together=[['k', 'v']]),
            x=dict(), y=dict(), z=dict(),
        ),
        supports_check_mode=True, mutually_exclusive=[['lst', 'sub']], required_if=[('state', 'absent', ['lst', 'sub'], True), ('state', 'yes', ['x'])],
        required_together=[['x', 'y']], required_by={'z': 'x'},
    )
    m.warn('w1')
    rc, out, err = m.run_command(['echo', m.params['secret'] or 'nothing'])
    p = m.params
    m.exit_json(changed=not m.check_mode, greeting=greet(p['name']), rc=rc, stdout=out, given={k: v for k, v in p.items() if v is not None and k != 'envd'})


if __name__ == '__main__':
    main()
