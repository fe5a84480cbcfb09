"""Names for what Python 2 and 3 call differently, as far as modules use them; this is Python 3."""

import builtins
import collections
import functools
import io
import operator
import sys
import types
import urllib.error
import urllib.parse
import urllib.request
import urllib.response
import urllib.robotparser

PY2, PY3, PY34 = False, True, True
string_types, integer_types, class_types = (str,), (int,), (type,)
text_type, binary_type = str, bytes
MAXSIZE = sys.maxsize
StringIO, BytesIO = io.StringIO, io.BytesIO
unichr, int2byte, byte2int = chr, operator.methodcaller('to_bytes', 1, 'big'), operator.itemgetter(0)
indexbytes, iterbytes, Iterator, next = operator.getitem, iter, object, builtins.next
wraps = functools.wraps


def u(s):
    return s


def b(s):
    return s.encode('latin-1')


def iteritems(d, **kw):
    return iter(d.items(**kw))


def iterkeys(d, **kw):
    return iter(d.keys(**kw))


def itervalues(d, **kw):
    return iter(d.values(**kw))


def viewitems(d):
    return d.items()


def viewkeys(d):
    return d.keys()


def viewvalues(d):
    return d.values()


def ensure_binary(s, encoding='utf-8', errors='strict'):
    return s if isinstance(s, bytes) else s.encode(encoding, errors)


def ensure_text(s, encoding='utf-8', errors='strict'):
    return s if isinstance(s, str) else s.decode(encoding, errors)


ensure_str = ensure_text


def reraise(tp, value, tb=None):
    raise (tp() if value is None else value).with_traceback(tb)


def raise_from(value, from_value):
    raise value from from_value


def with_metaclass(meta, *bases):
    return meta('NewBase', bases, {})


def add_metaclass(metaclass):
    def wrapper(cls):
        body = {k: v for k, v in cls.__dict__.items() if k not in ('__dict__', '__weakref__')}
        return metaclass(cls.__name__, cls.__bases__, body)
    return wrapper


def python_2_unicode_compatible(cls):
    return cls


def _module(name, **members):
    m = types.ModuleType(__name__ + '.' + name)
    m.__dict__.update(members)
    m.__path__ = []
    sys.modules[m.__name__] = m
    return m


def _names(module):
    return {k: v for k, v in vars(module).items() if not k.startswith('_')}


def _build_moves():
    import collections.abc
    import configparser
    import html.parser
    import http.client
    import http.cookiejar
    import http.cookies
    import pickle
    import queue
    import shlex
    import socketserver
    import xmlrpc.client
    m = _module(
        'moves', map=map, filter=filter, zip=zip, range=range, xrange=range, input=input, reduce=functools.reduce, reload_module=None,
        shlex_quote=shlex.quote, StringIO=io.StringIO, cStringIO=io.StringIO, UserDict=collections.UserDict, UserList=collections.UserList,
        UserString=collections.UserString, builtins=builtins, configparser=configparser, http_client=http.client, http_cookies=http.cookies,
        http_cookiejar=http.cookiejar, html_parser=html.parser, cPickle=pickle, queue=queue, socketserver=socketserver,
        collections_abc=collections.abc, xmlrpc_client=xmlrpc.client, getcwd=__import__('os').getcwd,
        zip_longest=__import__('itertools').zip_longest, filterfalse=__import__('itertools').filterfalse, intern=sys.intern)
    for name in ('collections_abc', 'xmlrpc_client', 'configparser', 'http_client', 'http_cookies', 'http_cookiejar', 'queue', 'socketserver', 'builtins', 'cPickle', 'html_parser'):
        sys.modules[m.__name__ + '.' + name] = getattr(m, name)
    m.urllib = _module(
        'moves.urllib', parse=_module('moves.urllib.parse', **_names(urllib.parse)), error=_module('moves.urllib.error', **_names(urllib.error)),
        request=_module('moves.urllib.request', **dict(_names(urllib.request), parse_http_list=urllib.request.parse_http_list)),
        response=_module('moves.urllib.response', **_names(urllib.response)),
        robotparser=_module('moves.urllib.robotparser', **_names(urllib.robotparser)))
    for name in ('parse', 'error', 'request'):
        setattr(m, 'urllib_' + name, getattr(m.urllib, name))
        sys.modules[m.__name__ + '.urllib_' + name] = getattr(m.urllib, name)
    return m


moves = _build_moves()
