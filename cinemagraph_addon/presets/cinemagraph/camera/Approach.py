"""Into the picture and back, with a rest at the photo."""

import bpy

settings = bpy.context.scene.cinemagraph.camera

settings.path = "zoom-in"
settings.amplitude = 1.0
settings.loops = 1
settings.ease = "rest"
settings.key_spacing = 1
