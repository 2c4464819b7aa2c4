"""Errors that people can act on: a stable code, parameters, and the field concerned."""


class LxsaasError(Exception):
    """Anything that is told to a person in one clear line; the web layer translates `code`."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.code} ({details})" if details else self.code


class RuleError(LxsaasError):
    """An action was refused because its input breaks a rule; `field` names the input concerned."""

    def __init__(self, code: str, /, *, field: str | None = None, **params: object) -> None:
        super().__init__(code, **params)
        self.field = field


class NotFoundError(LxsaasError):
    """What was asked for does not exist for whoever asks."""


class ConfigurationError(LxsaasError):
    """The installation is not usable as it is configured."""


class ScopeError(LxsaasError):
    """Code tried to reach the database outside a scope, or to change the scope of an open session."""
