"""Whether a scene can be changed, for the `poll` of operators that do."""

import bpy

from .shown_text import shown


def is_editable(operator: type[bpy.types.Operator], scene: bpy.types.Scene) -> bool:
    """Whether the scene is this file's own; if not, the button says why."""
    if scene.library is None:
        return True
    operator.poll_message_set(
        shown(f"This scene is linked from '{scene.library.name}'. It renders, but is changed there")
    )
    return False


def has_photo(operator: type[bpy.types.Operator], scene: bpy.types.Scene) -> bool:
    """Whether the scene can be changed and has a photo; if not, the button says why."""
    if not is_editable(operator, scene):
        return False
    if not scene.cinemagraph.photo:
        operator.poll_message_set("Choose a photo first")
        return False
    return True


def is_built(operator: type[bpy.types.Operator], scene: bpy.types.Scene) -> bool:
    """Whether the scene can be changed and has been built; if not, the button says why."""
    if not is_editable(operator, scene):
        return False
    if not scene.cinemagraph.is_built:
        operator.poll_message_set("Build the scene first")
        return False
    return True
