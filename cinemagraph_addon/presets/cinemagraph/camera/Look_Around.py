"""Handheld: somebody stands there and looks."""

import bpy

settings = bpy.context.scene.cinemagraph.camera

settings.path = "handheld"
settings.amplitude = 1.0
settings.loops = 1
settings.ease = "none"
settings.key_spacing = 1
