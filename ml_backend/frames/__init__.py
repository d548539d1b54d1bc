"""Finished frames into files: pictures, videos, GIFs."""
