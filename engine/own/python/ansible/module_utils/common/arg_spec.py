"""The checking of a module's arguments against what it says that it takes."""

from ansible.module_utils.common import validation as checks
from ansible.module_utils.common.parameters import set_fallbacks, texts_of
from ansible.module_utils.common.text.converters import to_native
from ansible.module_utils.common.warnings import deprecate, warn
from ansible.module_utils.errors import AnsibleValidationError, AnsibleValidationErrorMultiple, UnsupportedError

TYPES = {
    'str': checks.check_type_str, 'list': checks.check_type_list, 'dict': checks.check_type_dict, 'bool': checks.check_type_bool,
    'int': checks.check_type_int, 'float': checks.check_type_float, 'path': checks.check_type_path, 'raw': checks.check_type_raw,
    'jsonarg': checks.check_type_jsonarg, 'json': checks.check_type_jsonarg, 'bytes': checks.check_type_bytes, 'bits': checks.check_type_bits,
}


class Rules:
    """Which arguments go with which, at one level of a specification."""

    def __init__(self, mutually_exclusive=None, required_together=None, required_one_of=None, required_if=None, required_by=None):
        self.exclusive, self.together, self.one_of = mutually_exclusive, required_together, required_one_of
        self.required_if, self.required_by = required_if, required_by

    @classmethod
    def below(cls, spec):
        return cls(*(spec.get(k) for k in ('mutually_exclusive', 'required_together', 'required_one_of', 'required_if', 'required_by')))


class Checker:
    """One checking of arguments: parameters are changed in place, what is wrong is gathered."""

    def __init__(self):
        self.errors, self.secrets, self.unsupported, self.aliases = [], set(), [], {}

    def attempt(self, check, *args):
        try:
            check(*args)
        except (TypeError, ValueError) as e:
            self.errors.append(AnsibleValidationError(to_native(e)))

    def level(self, spec, given, rules, context=()):
        """Check the arguments of one level."""
        self.resolve_aliases(spec, given, context)
        self.secrets |= set_fallbacks(spec, given)
        self.note_secrets(spec, given)
        known = set(spec) | {a for s in spec.values() for a in s.get('aliases') or []}
        for name in given:
            if name not in known:
                self.unsupported.append((tuple(context) + (name,), spec))
        self.attempt(checks.check_mutually_exclusive, rules.exclusive, given, context)
        self.defaults(spec, given, early=True)
        self.attempt(checks.check_required_arguments, spec, given, context)
        self.convert(spec, given, context)
        self.choices(spec, given, context)
        for check, rule in ((checks.check_required_together, rules.together), (checks.check_required_one_of, rules.one_of),
                            (checks.check_required_if, rules.required_if), (checks.check_required_by, rules.required_by)):
            self.attempt(check, rule, {k: v for k, v in given.items() if v is not None} if check is checks.check_required_together else given, context)
        self.defaults(spec, given)
        self.suboptions(spec, given, context)

    def resolve_aliases(self, spec, given, context):
        for name, s in spec.items():
            for old in s.get('deprecated_aliases') or []:
                if old['name'] in given:
                    deprecate("Alias '%s' is deprecated. See the module docs for more information" % old['name'], version=old.get('version'),
                              date=old.get('date'), collection_name=old.get('collection_name'))
            for alias in s.get('aliases') or []:
                self.aliases[alias] = name
                if alias in given:
                    if given.get(name) is not None and name in given:
                        warn('Both option %s%s and its alias %s%s are set.' % (''.join(c + '.' for c in context), name, ''.join(c + '.' for c in context), alias))
                    given[name] = given[alias]

    def note_secrets(self, spec, given):
        for name, s in spec.items():
            if s.get('options') is not None and isinstance(given.get(name), str):
                self.attempt(checks.check_type_dict if s.get('type') == 'dict' else checks.check_type_list, given[name])
            if s.get('no_log', False) and given.get(name):
                self.secrets |= texts_of(given[name])
            if s.get('removed_in_version') is not None or s.get('removed_at_date') is not None:
                if name in given:
                    deprecate("Param '%s' is deprecated. See the module docs for more information" % name, version=s.get('removed_in_version'),
                              date=s.get('removed_at_date'), collection_name=s.get('removed_from_collection'))

    def defaults(self, spec, given, early=False):
        for name, s in spec.items():
            default = s.get('default', None)
            if early and default is None:
                continue
            if name not in given or given[name] is None and default is not None:
                given[name] = default

    def convert(self, spec, given, context):
        for name, s in spec.items():
            if given.get(name) is None:
                continue
            wanted = s.get('type') or ('str' if s.get('default') is None or True else None)
            given[name] = self.converted(name, given[name], wanted, context, 'argument')
            elements = s.get('elements')
            if elements and isinstance(given[name], list):
                given[name] = [self.converted(name, v, elements, context, 'Elements value for option') for v in given[name]]

    def converted(self, name, value, wanted, context, what):
        check = wanted if callable(wanted) else TYPES[wanted]
        try:
            return check(value)
        except (TypeError, ValueError) as e:
            found = " found in '%s'" % ' -> '.join(context) if context else ''
            label = getattr(wanted, '__name__', wanted)
            if what == 'argument':
                text = "argument '%s' is of type %s%s and we were unable to convert to %s: %s" % (name, type(value).__name__, found, label, to_native(e))
            else:
                text = "%s '%s'%s is of type %s and we were unable to convert to %s: %s" % (what, name, found, type(value).__name__, label, to_native(e))
            self.errors.append(AnsibleValidationError(text))
            return value

    def choices(self, spec, given, context):
        for name, s in spec.items():
            allowed, value = s.get('choices'), given.get(name)
            if allowed is None or value is None:
                continue
            if not isinstance(allowed, (list, tuple, set, frozenset)):
                self.errors.append(AnsibleValidationError('internal error: choices for argument %s are not iterable: %s' % (name, allowed)))
                continue
            wrong = [v for v in (value if isinstance(value, list) else [value]) if v not in allowed]
            if wrong and not isinstance(value, list) and str(value) in ('True', 'False'):  # yes and no, read as YAML reads them
                words = [w for w in allowed if w in (('yes', 'on', 'true') if str(value) == 'True' else ('no', 'off', 'false'))]
                if len(words) == 1:
                    given[name] = words[0]
                    continue
            if wrong:
                text = 'value of %s must be one or more of: %s. Got no match for: %s%s' if isinstance(value, list) \
                    else 'value of %s must be one of: %s, got: %s%s'
                self.errors.append(AnsibleValidationError(text % (
                    name, ', '.join(str(c) for c in allowed), ', '.join(str(v) for v in wrong), checks._where(context))))

    def suboptions(self, spec, given, context):
        for name, s in spec.items():
            sub = s.get('options')
            if sub is None or s.get('type') != 'dict' and s.get('elements') != 'dict':
                continue
            if given.get(name) is None:
                if not s.get('apply_defaults'):
                    continue
                given[name] = {}
            values = given[name] if isinstance(given[name], list) else [given[name]]
            for v in values:
                if isinstance(v, dict):
                    self.level(sub, v, Rules.below(s), tuple(context) + (name,))
                else:
                    self.errors.append(AnsibleValidationError('value of %s must be of type dict or list of dicts' % name))


class ValidationResult:
    """What a check found."""

    def __init__(self, checker, parameters):
        self._validated_parameters, self._no_log_values = parameters, checker.secrets
        self._unsupported_parameters = {n[-1] for n, _spec in checker.unsupported}
        self.errors = AnsibleValidationErrorMultiple(checker.errors)

    @property
    def validated_parameters(self):
        return self._validated_parameters

    @property
    def unsupported_parameters(self):
        return self._unsupported_parameters

    @property
    def error_messages(self):
        return self.errors.messages


class ArgumentSpecValidator:
    """Checks arguments against a specification."""

    def __init__(self, argument_spec, mutually_exclusive=None, required_together=None, required_one_of=None, required_if=None, required_by=None):
        self.argument_spec = argument_spec
        self._rules = Rules(mutually_exclusive, required_together, required_one_of, required_if, required_by)

    def validate(self, parameters, *args, **kwargs):
        """Check a copy of the arguments."""
        import copy
        checker, given = Checker(), copy.deepcopy(parameters)
        checker.level(self.argument_spec, given, self._rules)
        if checker.unsupported:
            names = ', '.join(sorted('.'.join(n) for n, _spec in checker.unsupported))
            checker.errors.append(UnsupportedError('%s. Supported parameters include: %s.' % (names, supported(self.argument_spec))))
        return ValidationResult(checker, given)


ModuleArgumentSpecValidator = ArgumentSpecValidator


def supported(spec):
    """The names that a specification knows, and in parentheses the aliases."""
    aliases = sorted(a for s in spec.values() for a in s.get('aliases') or [])
    return ', '.join(sorted(spec)) + (' (%s)' % ', '.join(aliases) if aliases else '')
