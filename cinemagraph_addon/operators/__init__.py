"""The buttons. Each operator asks the backend or changes the scene, and says how it went."""
