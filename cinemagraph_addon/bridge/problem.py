"""The one error of the add-on: a sentence for the artist and what to do about it. No bpy."""


class Problem(Exception):
    """Something the user can act on; `message` says what is wrong, `hint` what to do.

    `code` is the stable one of the backend's error, if it came from there.
    """

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()
