"""A small circle: every part of the picture moves, nothing far."""

import bpy

settings = bpy.context.scene.cinemagraph.camera

settings.path = "circle"
settings.amplitude = 0.5
settings.loops = 1
settings.ease = "none"
settings.key_spacing = 1
