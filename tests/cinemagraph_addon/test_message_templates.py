"""Messages are translated by their templates; names and numbers in them stay."""

import pytest
from cinemagraph.cinemagraph_addon.message_templates import Messages

_TEXTS = {
    "There is no file '{}'.": "Die Datei „{}“ gibt es nicht.",
    "Choose a photo.": "Ein Foto wählen.",
    "'{}' could not be written: {}.": "„{}“ konnte nicht geschrieben werden: {}.",
    "Wrote '{}', {} frames of {} x {}.": "„{}“ geschrieben, {} Bilder mit {} x {}.",
    "Built {} layers{}.": "{} Ebenen{} gebaut.",
    ", and {} more": " und {} weitere",
    "{} left out": "{} ausgelassen",
}


@pytest.fixture
def german() -> Messages:
    return Messages(_TEXTS, lambda text: _TEXTS.get(text, text))


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("Choose a photo.", "Ein Foto wählen."),
        ("There is no file 'see.jpg'.", "Die Datei „see.jpg“ gibt es nicht."),
        ("There is no file 'see.jpg'. Choose a photo.", "Die Datei „see.jpg“ gibt es nicht. Ein Foto wählen."),
        ("There is no file 'Nr. 5. see {}.jpg'.", "Die Datei „Nr. 5. see {}.jpg“ gibt es nicht."),
        ("'a' could not be written: no. Choose a photo.", "„a“ konnte nicht geschrieben werden: no. Ein Foto wählen."),
        ("Wrote 'a.mp4', 60 frames of 8 x 6", "„a.mp4“ geschrieben, 60 Bilder mit 8 x 6"),
        ("Built 3 layers, and 2 more.", "3 Ebenen und 2 weitere gebaut."),
        ("Built 3 layers.", "3 Ebenen gebaut."),
        ("Choose a photo. Nobody knows this.", "Ein Foto wählen. Nobody knows this."),
        ("Nobody knows this. Choose a photo.", "Nobody knows this. Choose a photo."),
    ],
)
def test_a_message_is_found_by_its_template(german: Messages, english: str, expected: str) -> None:
    assert german.translated(english) == expected


def test_without_a_translation_all_stays_english() -> None:
    message = "There is no file 'see.jpg'. Choose a photo."
    assert Messages(_TEXTS, lambda text: text).translated(message) == message
