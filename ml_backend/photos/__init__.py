"""Photos and what belongs to one, in files: masks, depth, motion, and cameras."""
