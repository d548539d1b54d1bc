"""Eulerian motion field and its Euler integration (Sec. 3.2, 4.3)."""
