"""Messages with names and numbers in another language, found again by their template. No bpy.

What raises a message knows no language: it may be the backend's half, a thread, or a script. So a message is English
until it is shown. There its template is looked for, such as "There is no file '{}'.", and the translated template gets
what stood in the gaps.
"""

import re
from collections.abc import Callable, Iterable
from functools import cached_property

GAP = "{}"
_PARTS = (" ", ", ", ". ")  # how a value begins that is no name, but a part of the sentence
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")


class Messages:
    """Translates messages by `lookup`, which gives the translation of a template, or the template itself."""

    def __init__(self, templates: Iterable[str], lookup: Callable[[str], str]) -> None:
        self._templates, self._lookup = tuple(templates), lookup

    def translated(self, message: str) -> str:
        """The message in the other language; sentences that no template fits stay as they are."""
        found = self._sentences(message)
        if found is None:  # a message of several sentences, of which the last may be somebody else's
            for end in _ends(message):
                if (head := self._one(message[: end - 1])) is not None:
                    return f"{head} {self.translated(message[end:])}"
        return message if found is None else found

    def _sentences(self, message: str) -> str | None:
        """All of the message, as sentence after sentence or as one; None where a part is unknown."""
        for end in _ends(message):
            head = self._one(message[: end - 1])
            tail = self._sentences(message[end:]) if head is not None else None
            if tail is not None:
                return f"{head} {tail}"
        return self._one(message)

    def _one(self, text: str) -> str | None:
        """One template's message, with or without its full stop."""
        for full_stop in ("", "."):
            if (found := self._lookup(text + full_stop)) != text + full_stop:
                return found.removesuffix(full_stop)
        for pattern, template in self._patterns:
            if (match := pattern.fullmatch(text)) is None or (found := self._lookup(template)) == template:
                continue
            ends = template.endswith(".") and not text.endswith(".")
            return self._filled(found.removesuffix(".") if ends else found, match.groups())
        return None

    def _filled(self, template: str, values: Iterable[str]) -> str:
        """What begins with a space or a comma is a part of the sentence, and translated too; the rest are names."""
        first, *rest = template.split(GAP)
        shown = (((self._one(value) if value.startswith(_PARTS) else None) or value) for value in values)
        return first + "".join(value + part for value, part in zip(shown, rest, strict=True))

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Templates with gaps, those with the most words of their own first."""
        gapped = sorted((t for t in self._templates if GAP in t), key=lambda t: -len(t.replace(GAP, "")))
        return [(_pattern(template), template) for template in gapped]


def _pattern(template: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in template.removesuffix(".").split(GAP)]
    return re.compile("(.*?)".join(parts) + (r"\.?" if template.endswith(".") else ""), re.DOTALL)


def _ends(message: str) -> list[int]:
    """Where sentences may begin: inside a name there may be such a place too."""
    return [match.end() for match in _SENTENCE_END.finditer(message)]
