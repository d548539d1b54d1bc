"""The process behind the add-on: the messages of `protocol.py`, and what each of them does."""
