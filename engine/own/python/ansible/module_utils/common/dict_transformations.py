"""Mappings: their keys rewritten, merged, compared."""

import re


def _camel_to_snake(name, reversible=False):
    if reversible:
        return re.sub(r'([A-Z])', lambda m: '_' + m.group(1).lower(), name).lstrip('_') if name[:1].islower() \
            else re.sub(r'([A-Z])', lambda m: '_' + m.group(1).lower(), name)
    name = re.sub(r'[A-Z]{3,}s$', lambda m: '_' + m.group(0).lower(), name)
    name = re.sub(r'(.)([A-Z][a-z]+)', r'\1_\2', name)
    return re.sub(r'([a-z0-9])([A-Z])', r'\1_\2', name).lower()


def _snake_to_camel(snake, capitalize_first=False):
    parts = snake.split('_')
    head = parts[0].capitalize() if capitalize_first else parts[0]
    return head + ''.join(p.capitalize() or '_' for p in parts[1:])


def camel_dict_to_snake_dict(camel_dict, reversible=False, ignore_list=()):
    """The mapping with keys like this_one; the values of ignored keys stay."""
    def walk(v):
        if isinstance(v, dict):
            return camel_dict_to_snake_dict(v, reversible, ignore_list)
        return [walk(x) for x in v] if isinstance(v, list) else v
    return {_camel_to_snake(k, reversible): v if k in ignore_list else walk(v) for k, v in camel_dict.items()}


def snake_dict_to_camel_dict(snake_dict, capitalize_first=False):
    """The mapping with keys like thisOne."""
    def walk(v):
        if isinstance(v, dict):
            return {_snake_to_camel(k, capitalize_first): walk(x) for k, x in v.items()}
        return [walk(x) for x in v] if isinstance(v, list) else v
    return walk(snake_dict)


def dict_merge(a, b):
    """A copy of a with what b has, mapping by mapping."""
    if not isinstance(b, dict):
        return b
    out = dict(a)
    for k, v in b.items():
        out[k] = dict_merge(out[k], v) if isinstance(out.get(k), dict) else v
    return out


def recursive_diff(dict1, dict2):
    """What each has that the other has not or has otherwise; None if they are equal."""
    if not isinstance(dict1, dict) or not isinstance(dict2, dict):
        raise TypeError('Unable to diff %r and %r' % (dict1, dict2))
    left = {k: v for k, v in dict1.items() if k not in dict2}
    right = {k: v for k, v in dict2.items() if k not in dict1}
    for k in set(dict1) & set(dict2):
        if isinstance(dict1[k], dict) and isinstance(dict2[k], dict):
            below = recursive_diff(dict1[k], dict2[k])
            if below:
                left[k], right[k] = below
        elif dict1[k] != dict2[k]:
            left[k], right[k] = dict1[k], dict2[k]
    return (left, right) if left or right else None
