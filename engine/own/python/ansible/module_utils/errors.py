"""What can be wrong with arguments."""


class AnsibleFallbackNotFound(Exception):
    """A fallback has nothing to offer."""


class AnsibleValidationError(Exception):
    """One thing that is wrong."""

    def __init__(self, message):
        super().__init__(message)
        self.error_message = message

    @property
    def msg(self):
        return self.args[0]


class AnsibleValidationErrorMultiple(AnsibleValidationError):
    """All that is wrong."""

    def __init__(self, errors=None):
        self.errors = list(errors or [])
        super().__init__(self.errors[0].args[0] if self.errors else '')

    def __getitem__(self, key):
        return self.errors[key]

    def append(self, error):
        self.errors.append(error)

    def extend(self, errors):
        self.errors.extend(errors)

    @property
    def msg(self):
        return self.errors[0].args[0]

    @property
    def messages(self):
        return [e.msg for e in self.errors]


class AliasError(AnsibleValidationError):
    pass


class ArgumentTypeError(AnsibleValidationError):
    pass


class ArgumentValueError(AnsibleValidationError):
    pass


class DeprecationError(AnsibleValidationError):
    pass


class ElementError(AnsibleValidationError):
    pass


class MutuallyExclusiveError(AnsibleValidationError):
    pass


class NoLogError(AnsibleValidationError):
    pass


class RequiredByError(AnsibleValidationError):
    pass


class RequiredDefaultError(AnsibleValidationError):
    pass


class RequiredError(AnsibleValidationError):
    pass


class RequiredIfError(AnsibleValidationError):
    pass


class RequiredOneOfError(AnsibleValidationError):
    pass


class RequiredTogetherError(AnsibleValidationError):
    pass


class SetDefaultsError(AnsibleValidationError):
    pass


class SubParameterTypeError(AnsibleValidationError):
    pass


class UnsupportedError(AnsibleValidationError):
    pass
