"""Errors that a user can act on.

BackendError                 code, message, hint; everything below is caught by its callers as this
├── BadInput                 a photo, mask, depth, flow, hints or camera file that cannot be used
├── BadScene                 a scene folder that is missing, damaged, or of another version
├── BadOutput                a place or format that cannot be written
├── MissingDependency        an optional package or codec is not installed
├── WeightsMismatch          a weights file that does not fit its network
├── Diverged                 a training whose losses are no numbers any more
├── ProtocolError            a message that the other process should not have sent
└── Cancelled                the user stopped the job; not a failure
"""


class BackendError(Exception):
    """Base of all errors with a stable `code`, a one-sentence message, and a `hint` that says what to do."""

    code = "backend_error"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(BackendError):
    """A file or value given by the user cannot be used."""

    code = "bad_input"
    exit_code = 2


class BadScene(BackendError):
    """The scene folder is missing, damaged, or was written by another version."""

    code = "bad_scene"
    exit_code = 3


class BadOutput(BackendError):
    """The result cannot be written where or as what was asked."""

    code = "bad_output"
    exit_code = 4


class MissingDependency(BackendError):
    """An optional package, codec, or model is not there."""

    code = "missing_dependency"
    exit_code = 5


class WeightsMismatch(BackendError):
    """A weights file does not fit the network that should read it."""

    code = "weights_mismatch"
    exit_code = 6


class ProtocolError(BackendError):
    """A message between the two processes is not understood."""

    code = "protocol_error"
    exit_code = 7


class Diverged(BackendError):
    """A loss or a gradient is no number any more."""

    code = "diverged"
    exit_code = 8


class Cancelled(BackendError):
    """The user stopped the job."""

    code = "cancelled"
    exit_code = 130
