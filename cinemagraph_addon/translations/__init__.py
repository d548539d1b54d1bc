"""The interface in other languages, one file per language: English text -> translated text.

English stands in the code, as literals in `bl_label`, `name`, `description`, `text`, and docstrings of operators, where
Blender looks it up. Messages with names and numbers are looked up by their templates: see `message_templates.py`.
"""

import bpy

from . import german

_LANGUAGES = {"de_DE": german.TEXTS}
TEMPLATES = frozenset().union(*(texts.keys() for texts in _LANGUAGES.values()))
_CONTEXTS = ("*", "Operator")  # labels of operators are looked up in a context of their own


def register() -> None:
    """Give Blender the translations."""
    translations = {
        locale: {(context, english): text for context in _CONTEXTS for english, text in texts.items()}
        for locale, texts in _LANGUAGES.items()
    }
    bpy.app.translations.register(__package__, translations)


def unregister() -> None:
    """Take them away."""
    bpy.app.translations.unregister(__package__)
