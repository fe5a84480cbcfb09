"""Asking web servers from a module, on Python's urllib."""

import base64
import email.utils
import http.client
import netrc
import os
import re
import socket
import ssl
import tempfile
import urllib.error
import urllib.request
from http import cookiejar
from urllib.parse import quote, unquote, urlencode, urlparse, urlunparse  # noqa: F401

from ansible.module_utils.common.text.converters import to_bytes, to_native

HTTPError = urllib.error.HTTPError
URLError = urllib.error.URLError
HAS_SSL = True
HAS_SSLCONTEXT = True
HAS_GSSAPI = False
DEFAULT_AGENT = 'ansible-httpget'


class ConnectionError(Exception):
    """No connection could be made."""


class ProxyError(ConnectionError):
    pass


class SSLValidationError(ConnectionError):
    """The server's certificate is not trusted."""


class NoSSLError(SSLValidationError):
    pass


class MissingModuleError(Exception):
    """A Python library is missing."""

    def __init__(self, message, import_traceback=None, module=None):
        super().__init__(message)
        self.import_traceback, self.module = import_traceback, module


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects as follow_redirects says."""

    def __init__(self, follow):
        self.follow = follow

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        method = req.get_method()
        if self.follow in ('no', 'none', False) or self.follow == 'safe' and method not in ('GET', 'HEAD'):
            raise HTTPError(newurl, code, msg, headers, fp)
        keep = code in (307, 308) or method == 'HEAD'
        kept = {k: v for k, v in req.headers.items() if keep or k.lower() not in ('content-length', 'content-type')}
        return _Request(newurl, data=req.data if keep else None, headers=kept, method=method if keep else 'GET',
                        origin_req_host=req.origin_req_host, unverifiable=True)


class _Request(urllib.request.Request):
    pass


class RequestWithMethod(urllib.request.Request):
    """A request of any method."""

    def __init__(self, url, method, data=None, headers=None, origin_req_host=None, unverifiable=True):
        super().__init__(url, data, headers or {}, origin_req_host, unverifiable, method=method.upper())


class _Socket(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    path = None

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout if isinstance(self.timeout, (int, float)) else None)
        self.sock.connect(self.path)


class _SocketHandler(urllib.request.HTTPHandler):
    def __init__(self, path):
        super().__init__()
        self.kind = type('Socket', (_Socket,), {'path': path})

    def http_open(self, req):
        return self.do_open(self.kind, req)


def make_context(cafile=None, cadata=None, capath=None, ciphers=None, validate_certs=True, client_cert=None, client_key=None, protocol=None):
    """A TLS context."""
    context = ssl.create_default_context(cafile=cafile, cadata=to_native(cadata) if cadata else None, capath=capath)
    if not validate_certs:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if ciphers:
        context.set_ciphers(':'.join(ciphers) if isinstance(ciphers, (list, tuple)) else ciphers)
    if client_cert:
        context.load_cert_chain(client_cert, client_key or None)
    return context


def _credentials(url, user, password, use_netrc):
    """The url without user and password, and these."""
    parts = urlparse(url)
    if parts.username is not None and user is None:
        user, password = unquote(parts.username), unquote(parts.password or '')
    if '@' in parts.netloc:
        url = urlunparse(parts._replace(netloc=parts.netloc.rpartition('@')[2]))
    if user is None and use_netrc:
        try:
            found = netrc.netrc(os.environ.get('NETRC')).authenticators(parts.hostname)
            if found:
                user, password = found[0] or found[1], found[2]
        except (OSError, netrc.NetrcParseError):
            pass
    return url, user, password


def generic_urlparse(parts):
    """The parts of a url, by name."""
    names = ('scheme', 'netloc', 'path', 'params', 'query', 'fragment', 'username', 'password', 'hostname', 'port')
    return type('ParseResultDottedDict', (dict,), {'__getattr__': dict.get, 'as_list': lambda d: [d.get(n) for n in names[:6]]})(
        {n: getattr(parts, n, None) for n in names})


def basic_auth_header(username, password):
    """The value of an Authorization header."""
    return b'Basic ' + base64.b64encode(to_bytes('%s:%s' % (username or '', password or ''), errors='surrogate_or_strict'))


class Request:
    """A client with settings of its own."""

    def __init__(self, headers=None, use_proxy=True, force=False, timeout=10, validate_certs=True, url_username=None, url_password=None, http_agent=None,
                 force_basic_auth=False, follow_redirects='urllib2', client_cert=None, client_key=None, cookies=None, unix_socket=None, ca_path=None,
                 unredirected_headers=None, decompress=True, ciphers=None, use_netrc=True, context=None):
        self.defaults = dict(
            headers=headers or {}, use_proxy=use_proxy, force=force, timeout=timeout, validate_certs=validate_certs, url_username=url_username,
            url_password=url_password, http_agent=http_agent, force_basic_auth=force_basic_auth, follow_redirects=follow_redirects,
            client_cert=client_cert, client_key=client_key, cookies=cookies if cookies is not None else cookiejar.CookieJar(), unix_socket=unix_socket,
            ca_path=ca_path, unredirected_headers=unredirected_headers, decompress=decompress, ciphers=ciphers, use_netrc=use_netrc, context=context)

    def open(self, method, url, data=None, headers=None, last_mod_time=None, **given):
        """Ask, and return the response; HTTPError for a status that is none of success."""
        o = dict(self.defaults)
        o.update({k: v for k, v in given.items() if v is not None and k in o})
        url, user, password = _credentials(url, o['url_username'], o['url_password'], o['use_netrc'])
        handlers = [_Redirects(o['follow_redirects'])]
        if o['unix_socket']:
            handlers.append(_SocketHandler(o['unix_socket']))
        if user is not None and not o['force_basic_auth']:
            passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(None, url, user, password or '')
            handlers += [urllib.request.HTTPBasicAuthHandler(passwords), urllib.request.HTTPDigestAuthHandler(passwords)]
        if not o['use_proxy']:
            handlers.append(urllib.request.ProxyHandler({}))
        context = o['context'] or make_context(cafile=o['ca_path'], ciphers=o['ciphers'], validate_certs=o['validate_certs'],
                                               client_cert=o['client_cert'], client_key=o['client_key'])
        handlers += [urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(o['cookies'])]
        request = RequestWithMethod(url, method, to_bytes(data, nonstring='passthru'))
        request.add_header('User-agent', o['http_agent'] or DEFAULT_AGENT)
        if user is not None and o['force_basic_auth']:
            request.add_header('Authorization', to_native(basic_auth_header(user, password)))
        if o['force']:
            request.add_header('cache-control', 'no-cache')
        elif last_mod_time:
            request.add_header('If-Modified-Since', email.utils.format_datetime(last_mod_time))
        for name, text in dict(o['headers'], **(headers or {})).items():
            (request.add_unredirected_header if name in (o['unredirected_headers'] or []) else request.add_header)(name, text)
        return urllib.request.build_opener(*handlers).open(request, None, o['timeout'])

    def get(self, url, **kwargs):
        return self.open('GET', url, **kwargs)

    def head(self, url, **kwargs):
        return self.open('HEAD', url, **kwargs)

    def options(self, url, **kwargs):
        return self.open('OPTIONS', url, **kwargs)

    def post(self, url, data=None, **kwargs):
        return self.open('POST', url, data=data, **kwargs)

    def put(self, url, data=None, **kwargs):
        return self.open('PUT', url, data=data, **kwargs)

    def patch(self, url, data=None, **kwargs):
        return self.open('PATCH', url, data=data, **kwargs)

    def delete(self, url, **kwargs):
        return self.open('DELETE', url, **kwargs)


def open_url(url, data=None, headers=None, method=None, use_proxy=True, force=False, last_mod_time=None, timeout=10, validate_certs=True, **kwargs):
    """Ask, and return the response."""
    return Request().open(method or ('POST' if data else 'GET'), url, data=data, headers=headers, use_proxy=use_proxy, force=force,
                          last_mod_time=last_mod_time, timeout=timeout, validate_certs=validate_certs, **kwargs)


def url_argument_spec():
    """The arguments that modules which ask web servers have in common."""
    return dict(
        url=dict(type='str'), force=dict(type='bool', default=False), http_agent=dict(type='str', default=DEFAULT_AGENT),
        use_proxy=dict(type='bool', default=True), validate_certs=dict(type='bool', default=True), url_username=dict(type='str'),
        url_password=dict(type='str', no_log=True), force_basic_auth=dict(type='bool', default=False), client_cert=dict(type='path'),
        client_key=dict(type='path'), use_gssapi=dict(type='bool', default=False))


def url_redirect_argument_spec(*args, **kwargs):
    return dict(follow_redirects=dict(type='str', default='safe', choices=['all', 'no', 'none', 'safe', 'urllib2', 'yes']))


def fetch_url(module, url, data=None, headers=None, method=None, use_proxy=None, force=False, last_mod_time=None, timeout=10, use_gssapi=False,
              unix_socket=None, ca_path=None, cookies=None, unredirected_headers=None, decompress=True, ciphers=None, use_netrc=True):
    """Ask as the module's arguments say. The answer is the response, or None, and a mapping of what is known of it; status -1 means that no
    server answered."""
    p = module.params
    if p.get('use_gssapi'):
        module.fail_json(msg='use_gssapi is not supported by Drydock')
    jar = cookies if cookies is not None else cookiejar.CookieJar()
    info, r = dict(url=url, status=-1), None
    try:
        r = open_url(url, data=data, headers=headers, method=method, use_proxy=p.get('use_proxy', True) if use_proxy is None else use_proxy, force=force,
                     last_mod_time=last_mod_time, timeout=timeout, validate_certs=p.get('validate_certs', True), url_username=p.get('url_username'),
                     url_password=p.get('url_password'), http_agent=p.get('http_agent', DEFAULT_AGENT), force_basic_auth=p.get('force_basic_auth', False),
                     follow_redirects=p.get('follow_redirects', 'urllib2'), client_cert=p.get('client_cert'), client_key=p.get('client_key'),
                     cookies=jar, unix_socket=unix_socket, ca_path=ca_path, unredirected_headers=unredirected_headers, ciphers=ciphers)
        info.update(_headers(r.headers))
        info.update(msg='OK (%s bytes)' % r.headers.get('Content-Length', 'unknown'), url=r.geturl(), status=r.code)
    except HTTPError as e:
        r = e
        try:
            body = e.read()
        except (AttributeError, OSError, ValueError):
            body = b''
        info.update(_headers(e.headers or {}))
        info.update(msg=to_native(e), body=body, status=e.code)
    except URLError as e:
        info.update(msg='Request failed: %s' % to_native(e), status=int(getattr(e, 'code', -1)))
    except (socket.error, http.client.HTTPException) as e:
        info.update(msg='Connection failure: %s' % to_native(e), status=-1)
    except Exception as e:
        info.update(msg='An unknown error occurred: %s' % to_native(e), status=-1)
    info['cookies'] = {c.name: c.value for c in jar}
    info['cookies_string'] = '; '.join('%s=%s' % (c.name, c.value) for c in jar)
    return r, info


def _headers(headers):
    out = {}
    for k, v in headers.items():
        k = k.lower()
        out[k] = '%s, %s' % (out[k], v) if k in out else v
    return out


def fetch_file(module, url, data=None, headers=None, method=None, use_proxy=True, force=False, last_mod_time=None, timeout=10, **kwargs):
    """Bring a file from a web server into the module's temporary folder and return its path."""
    name, ext = os.path.splitext(urlparse(url).path.rpartition('/')[2])
    handle, path = tempfile.mkstemp(prefix=name, suffix=ext, dir=module.tmpdir)
    module.add_cleanup_file(path)
    r, info = fetch_url(module, url, data, headers, method, use_proxy, force, last_mod_time, timeout, **kwargs)
    if not r or info['status'] not in (200, -1):
        module.fail_json(msg='Failure downloading %s, %s' % (url, info['msg']))
    with os.fdopen(handle, 'wb') as f:
        for block in iter(lambda: r.read(65536), b''):
            f.write(block)
    return path


def prepare_multipart(fields):
    """The type and body of a form with files."""
    if not isinstance(fields, dict):
        raise TypeError('Mapping is required, cannot be type %s' % type(fields).__name__)
    mark, out = '----drydock' + os.urandom(12).hex(), []
    for name, v in sorted(fields.items()):
        v = v if isinstance(v, dict) else {'content': v}
        file, content = v.get('filename'), v.get('content')
        head = 'Content-Disposition: form-data; name="%s"' % name
        if file:
            head += '; filename="%s"' % os.path.basename(file)
        if content is None:
            with open(file, 'rb') as f:
                content = f.read()
        kind = v.get('mime_type') or ('application/octet-stream' if file else 'text/plain')
        out.append(to_bytes('--%s\r\n%s\r\nContent-Type: %s\r\n\r\n' % (mark, head, kind)) + to_bytes(content) + b'\r\n')
    return 'multipart/form-data; boundary=%s' % mark, b''.join(out) + to_bytes('--%s--\r\n' % mark)


def get_response_filename(response):
    """The name of the file that a response is, by its header or its url."""
    m = re.search(r'filename="?([^";]+)', response.headers.get('content-disposition') or '')
    return os.path.basename(m.group(1) if m else unquote(urlparse(response.geturl()).path.rstrip('/').rpartition('/')[2])) or None


def parse_content_type(response):
    """What kind of text a response is, and in which letters."""
    kind = response.headers.get_content_type() if response.headers.get('content-type') else 'application/octet-stream'
    return kind, kind.partition('/')[0], kind.partition('/')[2], response.headers.get_content_charset() or 'utf-8'


def rfc2822_date_string(timetuple, zone='-0000'):
    """A time as mails have it."""
    return '%s %s' % (email.utils.formatdate(__import__('calendar').timegm(timetuple))[:-6], zone)


def set_multipart_encoding(encoding):
    """A function of the encoding's name, for prepare_multipart."""
    if encoding not in ('base64', '7or8bit'):
        raise ValueError('multipart_encoding must be one of %s.' % ['base64', '7or8bit'])
    return encoding


