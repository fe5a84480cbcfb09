"""The errors that plugins raise."""


class AnsibleError(Exception):
    """An error, with what caused it."""

    def __init__(self, message='', obj=None, show_content=True, suppress_extended_error=None, orig_exc=None, help_text=None, **kwargs):
        super().__init__(message)
        self.message, self.obj, self.orig_exc = str(message), obj, orig_exc


class AnsibleRuntimeError(AnsibleError):
    pass


class AnsibleOptionsError(AnsibleError):
    pass


class AnsibleParserError(AnsibleError):
    pass


class AnsibleFileNotFound(AnsibleRuntimeError):
    pass


class AnsibleConnectionFailure(AnsibleRuntimeError):
    pass


class AnsibleTemplateError(AnsibleRuntimeError):
    pass


class AnsibleUndefinedVariable(AnsibleTemplateError):
    pass


class AnsiblePluginError(AnsibleError):
    pass


class AnsibleFilterError(AnsibleTemplateError):
    pass


class AnsibleFilterTypeError(AnsibleFilterError, TypeError):
    pass


class AnsibleTypeError(AnsibleFilterError, TypeError):
    pass


class AnsibleLookupError(AnsibleTemplateError):
    pass


class AnsibleActionFail(AnsibleRuntimeError):
    pass
