"""A scene by the networks of the paper's authors, and by the rules of their code."""
