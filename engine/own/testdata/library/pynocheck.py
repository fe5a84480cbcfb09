#!/usr/bin/python
from ansible.module_utils.basic import *
def main():
    m = AnsibleModule(argument_spec=dict(a=dict(), boom=dict(type='bool', default=False)))
    if m.params['boom']: raise ValueError("boom")
    m.fail_json(msg="no luck", rc=7, a=m.params['a'])
main()
