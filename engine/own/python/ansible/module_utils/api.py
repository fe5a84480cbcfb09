"""What modules that speak to web services share: arguments, and trying again."""

import functools
import random
import sys
import time


def rate_limit_argument_spec(spec=None):
    """The arguments of a limit of requests."""
    return dict(dict(rate=dict(type='int'), rate_limit=dict(type='int')), **(spec or {}))


def retry_argument_spec(spec=None):
    """The arguments of trying again."""
    return dict(dict(retries=dict(type='int'), retry_pause=dict(type='float', default=1)), **(spec or {}))


def basic_auth_argument_spec(spec=None):
    """The arguments of a login."""
    return dict(dict(api_username=dict(type='str'), api_password=dict(type='str', no_log=True), api_url=dict(type='str'),
                     validate_certs=dict(type='bool', default=True)), **(spec or {}))


def rate_limit(rate=None, rate_limit=None):
    """Let a function be called at most so often in so many seconds."""
    least = float(rate_limit) / float(rate) if rate is not None and rate_limit is not None else None

    def wrapper(f):
        last = [0.0]

        @functools.wraps(f)
        def limited(*args, **kwargs):
            if least is not None:
                time.sleep(max(0, last[0] + least - time.monotonic()))
            last[0] = time.monotonic()
            return f(*args, **kwargs)
        return limited
    return wrapper


def retry(retries=None, retry_pause=1):
    """Call a function again while it fails or answers nothing."""
    def wrapper(f):
        @functools.wraps(f)
        def retried(*args, **kwargs):
            if retries is None:
                return f(*args, **kwargs)
            for n in range(1, retries + 1):
                if n >= retries:
                    raise Exception('Retry limit exceeded: %d' % retries)
                try:
                    answer = f(*args, **kwargs)
                except Exception:
                    answer = None
                if answer:
                    return answer
                time.sleep(retry_pause)
        return retried
    return wrapper


def generate_jittered_backoff(retries=10, delay_base=3, delay_threshold=60):
    """Times to wait, about twice as long each time."""
    for n in range(retries):
        yield random.randint(0, min(delay_threshold, delay_base * 2 ** n))


def retry_never(exception_or_result):
    return False


def retry_with_delays_and_condition(backoff_iterator, should_retry_error=None):
    """Call a function again after each of some times while an error says so."""
    should = should_retry_error or retry_never

    def wrapper(f):
        @functools.wraps(f)
        def retried(*args, **kwargs):
            call = functools.partial(f, *args, **kwargs)
            for delay in backoff_iterator:
                try:
                    return call()
                except Exception:
                    if not should(sys.exc_info()[1]):
                        raise
                time.sleep(delay)
            return call()
        return retried
    return wrapper
