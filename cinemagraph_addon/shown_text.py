"""Messages as they are shown: in the language of the interface."""

from functools import lru_cache

import bpy

from . import translations
from .message_templates import Messages

_messages = Messages(translations.TEMPLATES, bpy.app.translations.pgettext_rpt)


def shown(message: str) -> str:
    """A message of the add-on or the backend, names and numbers included, in the language of the interface."""
    return _shown(message, bpy.app.translations.locale or "")


@lru_cache(maxsize=256)
def _shown(message: str, _locale: str) -> str:
    return _messages.translated(message)
