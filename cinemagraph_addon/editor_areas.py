"""The Image Editor in which masks are painted and arrows drawn: found, opened, and given back."""

import bpy

_WIDE = 900  # pixels: a 3D viewport at least so wide is split, a narrower one becomes the Image Editor
_SPLIT, _SWITCHED = "split", "switched"
_opened: dict[int, str] = {}  # area -> how it became an Image Editor; areas live as long as the file is open


def redraw_editors() -> None:
    """Let Image Editors and 3D viewports show what has changed."""
    if bpy.app.background:
        return
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"IMAGE_EDITOR", "VIEW_3D"}:
                area.tag_redraw()


def image_spaces() -> list[bpy.types.SpaceImageEditor]:
    """The Image Editors of all windows."""
    windows = bpy.context.window_manager.windows
    return [area.spaces.active for w in windows for area in w.screen.areas if area.type == "IMAGE_EDITOR"]


def open_image_editor(context: bpy.types.Context, image: bpy.types.Image, mode: str) -> bpy.types.Area | None:
    """Show an image in an Image Editor in the mode "PAINT" or "VIEW": in the one there is, or in part of a viewport.

    None without a window.
    """
    if bpy.app.background or context.window is None:
        return None
    area = _image_area(context)
    if area is None:
        return None
    space = area.spaces.active
    is_new = space.image != image
    space.image = image
    space.ui_mode = mode
    space.show_region_ui = True
    if is_new:
        _fit(context, area)
    redraw_editors()
    return area


def give_area_back(context: bpy.types.Context, image: bpy.types.Image | None) -> None:
    """End painting: what was a viewport becomes one again; an Image Editor that was there shows `image`."""
    if bpy.app.background or context.window is None:
        return
    area = _current_image_area(context)
    if area is None:
        return
    space = area.spaces.active
    space.ui_mode = "VIEW"
    how = _opened.pop(area.as_pointer(), "")
    if how == _SWITCHED:
        area.type = "VIEW_3D"
    elif how == _SPLIT:
        _close_soon(context.window, area)  # not now: the button that was pressed lives in it
    elif image is not None:
        space.image = image


def override(context: bpy.types.Context, area: bpy.types.Area) -> "bpy.types.ContextTempOverride":
    """A context in the main region of an area, for operators that ask where they are."""
    region = next(region for region in area.regions if region.type == "WINDOW")
    return context.temp_override(window=context.window, area=area, region=region)


def forget_areas() -> None:
    """Forget which areas were opened."""
    _opened.clear()


def _current_image_area(context: bpy.types.Context) -> bpy.types.Area | None:
    if context.area is not None and context.area.type == "IMAGE_EDITOR":
        return context.area
    return next((area for area in context.window.screen.areas if area.type == "IMAGE_EDITOR"), None)


def _image_area(context: bpy.types.Context) -> bpy.types.Area | None:
    area = _current_image_area(context)
    if area is not None:
        return area
    viewports = [area for area in context.window.screen.areas if area.type == "VIEW_3D"]
    if not viewports:
        return None
    viewport = max(viewports, key=lambda area: area.width * area.height)
    area, how = viewport, _SWITCHED
    if viewport.width >= _WIDE:
        before = {other.as_pointer() for other in context.window.screen.areas}
        with override(context, viewport):
            bpy.ops.screen.area_split(direction="VERTICAL", factor=0.5)
        added = [other for other in context.window.screen.areas if other.as_pointer() not in before]
        if added:
            area, how = added[0], _SPLIT
    area.type = "IMAGE_EDITOR"
    _opened[area.as_pointer()] = how
    return area


def _fit(context: bpy.types.Context, area: bpy.types.Area) -> None:
    window = context.window
    pointer = area.as_pointer()

    def fit() -> None:  # after the area was drawn once, since only then it knows its size
        for shown in window.screen.areas:
            if shown.as_pointer() == pointer and shown.type == "IMAGE_EDITOR":
                region = next(region for region in shown.regions if region.type == "WINDOW")
                with bpy.context.temp_override(window=window, area=shown, region=region):
                    bpy.ops.image.view_all(fit_view=True)

    bpy.app.timers.register(fit, first_interval=0.1)


def _close_soon(window: bpy.types.Window, area: bpy.types.Area) -> None:
    pointer = area.as_pointer()

    def close() -> None:
        for shown in window.screen.areas:
            if shown.as_pointer() == pointer:
                with bpy.context.temp_override(window=window, area=shown):
                    bpy.ops.screen.area_close()
                return

    bpy.app.timers.register(close, first_interval=0.05)
