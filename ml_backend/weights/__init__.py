"""Networks that others trained: which there are, where they lie on this machine, and how they are read safely."""
