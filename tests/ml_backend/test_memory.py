"""Memory is asked for before the system ends the process."""

import pytest

from ml_backend.errors import BackendError
from ml_backend.memory import require_memory


def test_too_little_is_refused_with_a_smaller_size() -> None:
    with pytest.raises(BackendError, match=r"about 24 GiB of memory, 8\.5 GiB are free.*--size"):
        require_memory("A scene", 24.0, 8.5)


@pytest.mark.parametrize("available", [24.0, None])
def test_enough_or_unknown_is_accepted(available: float | None) -> None:
    assert require_memory("A scene", 24.0, available) is None
