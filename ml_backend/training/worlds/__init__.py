"""Generated worlds that networks are trained on: any view at any time, with exact depth and flow."""

from ml_backend.training.worlds.cameras import first_camera, nearby_camera, render_view
from ml_backend.training.worlds.textures import Textures, licensed_photos, load_textures, photos_in, procedural_textures
from ml_backend.training.worlds.view import View
from ml_backend.training.worlds.world import WORLDS_VERSION, World, make_world

__all__ = [
    "WORLDS_VERSION",
    "Textures",
    "View",
    "World",
    "first_camera",
    "licensed_photos",
    "load_textures",
    "make_world",
    "nearby_camera",
    "photos_in",
    "procedural_textures",
    "render_view",
]
