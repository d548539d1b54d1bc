"""The camera slides a little to both sides, as on a slow boat."""

import bpy

settings = bpy.context.scene.cinemagraph.camera

settings.path = "side"
settings.amplitude = 0.6
settings.loops = 1
settings.ease = "none"
settings.key_spacing = 1
