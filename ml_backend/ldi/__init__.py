"""Layered depth image: split by depth, fill what is hidden (Sec. 3.3)."""
