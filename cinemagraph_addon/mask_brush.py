"""The brush that paints masks: white paints, black erases."""

import bpy

from .editor_areas import override

_ESSENTIALS = "brushes/essentials_brushes-mesh_texture.blend/Brush/Paint Hard"
_OWN = "Mask Brush"
_HAS_ASSETS = bpy.app.version >= (4, 3)  # from there on brushes are assets, and which one is active cannot be set


def use_brush(context: bpy.types.Context, area: bpy.types.Area | None, value: float) -> None:
    """Give the Image Editor's brush a grey: 1 paints, 0 erases; the other one is a press of X away."""
    settings = context.tool_settings.image_paint
    if settings.brush is None and not _HAS_ASSETS:
        settings.brush = _own_brush()
    if settings.brush is None:
        if area is not None:
            _find_brush_soon(context.window, area.as_pointer(), value)
        return
    for owner in (settings.brush, _unified(context)):
        owner.color = (value,) * 3
        owner.secondary_color = (1.0 - value,) * 3
    settings.brush.blend = "MIX"


def is_erasing(context: bpy.types.Context) -> bool:
    """Whether the brush paints black."""
    brush = context.tool_settings.image_paint.brush
    if brush is None:
        return False
    unified = _unified(context)
    return max((unified if unified.use_unified_color else brush).color) < 0.5


def _unified(context: bpy.types.Context) -> bpy.types.UnifiedPaintSettings:
    settings = context.tool_settings
    return getattr(settings.image_paint, "unified_paint_settings", None) or settings.unified_paint_settings  # 5.0


def _find_brush_soon(window: bpy.types.Window, pointer: int, value: float) -> None:
    """Activate a brush once the area was drawn; inside an operator that opened it, 4.3 crashes."""

    def find() -> None:
        area = next((area for area in window.screen.areas if area.as_pointer() == pointer), None)
        if area is None or area.type != "IMAGE_EDITOR":
            return
        with bpy.context.temp_override(window=window):
            if not _activate(bpy.context, area, "ESSENTIALS", _ESSENTIALS):
                _own_brush().asset_mark()  # Blender was packaged without its brushes
                _activate(bpy.context, area, "LOCAL", f"Brush/{_OWN}")
            if bpy.context.tool_settings.image_paint.brush is not None:
                use_brush(bpy.context, area, value)

    bpy.app.timers.register(find, first_interval=0.3)


def _activate(context: bpy.types.Context, area: bpy.types.Area, library: str, name: str) -> bool:
    with override(context, area):
        try:
            bpy.ops.brush.asset_activate(asset_library_type=library, relative_asset_identifier=name)
        except RuntimeError:  # there is no such brush
            return False
    return True


def _own_brush() -> bpy.types.Brush:
    return bpy.data.brushes.get(_OWN) or bpy.data.brushes.new(_OWN, mode="TEXTURE_PAINT")
