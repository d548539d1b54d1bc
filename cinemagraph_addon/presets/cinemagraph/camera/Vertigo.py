"""The lens undoes the way forward: only the depth changes."""

import bpy

settings = bpy.context.scene.cinemagraph.camera

settings.path = "dolly-zoom"
settings.amplitude = 1.0
settings.loops = 1
settings.ease = "gentle"
settings.key_spacing = 1
