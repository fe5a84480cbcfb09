"""Mappings."""


def merge_hash(x, y, recursive=True, list_merge='replace'):
    """A copy of x with what y has."""
    out = dict(x)
    for k, v in y.items():
        old = out.get(k)
        if recursive and isinstance(old, dict) and isinstance(v, dict):
            v = merge_hash(old, v, recursive, list_merge)
        elif isinstance(old, list) and isinstance(v, list):
            v = {'append': old + v, 'prepend': v + old, 'keep': old}.get(list_merge, v)
        out[k] = v
    return out


def combine_vars(a, b, merge=None):
    return merge_hash(a, b) if merge else dict(a, **b)
