"""Entry of the Blender extension. Importing it does nothing, so that tools and tests may."""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import cinemagraph_addon  # noqa: PLC0415 (inert at import)

    cinemagraph_addon.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled."""
    from . import cinemagraph_addon  # noqa: PLC0415 (inert at import)

    cinemagraph_addon.unregister()
