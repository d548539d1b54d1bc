"""Which network weights exist, where they are, and how they load."""
