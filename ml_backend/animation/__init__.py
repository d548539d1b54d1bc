"""Scene flow and 3D symmetric animation (Sec. 3.4)."""
