"""Small textures of noise, made once: the tests need no photo."""

import pytest

from ml_backend.training.worlds import Textures, load_textures


@pytest.fixture(scope="session")
def textures() -> Textures:
    return load_textures(copies=2)
