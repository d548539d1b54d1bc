"""Presets of the camera's path: those that come along, and those that the artist saves."""

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.operators.camera_presets import PRESET_FOLDER  # noqa: E402

_MENU = "CINEMAGRAPH_PT_camera_presets"


def _files() -> dict[str, Path]:
    folders = map(Path, bpy.utils.preset_paths(PRESET_FOLDER))
    return {file.stem: file for folder in folders for file in folder.glob("*.py")}


def _apply(name: str) -> None:
    bpy.ops.script.execute_preset(filepath=str(_files()[name]), menu_idname=_MENU)


def _values(scene: bpy.types.Scene) -> tuple[object, ...]:
    settings = scene.cinemagraph.camera
    return settings.path, settings.amplitude, settings.loops, settings.ease, settings.key_spacing


def test_a_saved_preset_brings_the_settings_back(scene: bpy.types.Scene) -> None:
    settings = scene.cinemagraph.camera
    settings.path, settings.amplitude, settings.loops, settings.ease, settings.key_spacing = "arc", 0.5, 3, "rest", 5
    bpy.ops.cinemagraph.camera_preset_add(name="Mine")
    saved = _values(scene)
    settings.path, settings.amplitude, settings.loops, settings.ease, settings.key_spacing = "side", 1.5, 1, "none", 1
    _apply("Mine")
    assert _values(scene) == saved


def test_a_saved_preset_is_kept_with_the_artists_own(scene: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.camera_preset_add(name="Kept")
    assert _files()["Kept"].is_relative_to(bpy.utils.user_resource("SCRIPTS"))


def test_a_saved_preset_can_be_removed(scene: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.camera_preset_add(name="Gone")
    bpy.ops.cinemagraph.camera_preset_add(name="Gone", remove_name=True)
    assert "Gone" not in _files()


@pytest.mark.parametrize("name", ["Approach", "Breathing", "Drift", "Gentle_Circle", "Look_Around", "Vertigo"])
def test_a_preset_of_the_addon_makes_a_camera(built: bpy.types.Scene, name: str) -> None:
    _apply(name)
    bpy.ops.cinemagraph.add_camera()
    assert built.camera != built.cinemagraph.photo_camera


def test_unregistering_takes_the_presets_away(addon: None) -> None:
    from cinemagraph.cinemagraph_addon.operators import camera_presets

    camera_presets.unregister()
    try:
        assert "Drift" not in _files()
    finally:
        camera_presets.register()
