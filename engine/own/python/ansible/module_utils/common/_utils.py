"""Classes, where older modules look for them."""

from ansible.module_utils.common.sys_info import get_all_subclasses  # noqa: F401
