"""German. Terms follow Blender's own German interface."""

from . import backend, camera, messages, motion, render, scene

TEXTS: dict[str, str] = scene.TEXTS | motion.TEXTS | camera.TEXTS | render.TEXTS | backend.TEXTS | messages.TEXTS
