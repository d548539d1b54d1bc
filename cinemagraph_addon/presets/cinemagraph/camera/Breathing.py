"""A little nearer and back, twice per loop."""

import bpy

settings = bpy.context.scene.cinemagraph.camera

settings.path = "push-pull"
settings.amplitude = 0.4
settings.loops = 2
settings.ease = "none"
settings.key_spacing = 1
