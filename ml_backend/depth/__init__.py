"""Depth of the photo (Sec. 3.3)."""
