"""Readers of datasets; each kind has `find`, which lists the samples of a place, and `read`, which opens one."""
