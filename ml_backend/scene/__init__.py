"""A built scene as a folder: what the artist drew, how it moves, what is written, and what is told about it."""
