"""The add-on's half of the process boundary. No bpy here: it runs and is tested in any Python."""
