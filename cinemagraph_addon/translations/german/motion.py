"""German texts of the panel Motion."""

TEXTS: dict[str, str] = {
    # Motion
    "Motion": "Bewegung",
    "Mask": "Maske",
    "Grey image of the photo's shape: white moves, black stands still": (
        "Graubild in der Form des Fotos: Weiß bewegt sich, Schwarz steht still"
    ),
    "Arrows": "Pfeile",
    "JSON file with arrows that say where and how fast the photo moves": (
        "JSON-Datei mit Pfeilen, die sagen, wohin und wie schnell sich das Foto bewegt"
    ),
    "Flow": "Fluss",
    "Ready-made motion in pixels per frame, used instead of mask and arrows": (
        "Fertige Bewegung in Pixeln pro Bild, anstelle von Maske und Pfeilen"
    ),
    "Speed": "Geschwindigkeit",
    "Speed of everything that moves": "Geschwindigkeit von allem, was sich bewegt",
    "Rebuild to use changed files": "Neu erstellen, um geänderte Dateien zu verwenden",
}
