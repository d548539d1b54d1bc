"""Splatting and decoding (Sec. 3.4)."""
