"""German texts of the panel Camera."""

TEXTS: dict[str, str] = {
    # Camera
    "Camera": "Kamera",
    "Add Camera": "Kamera hinzufügen",
    "Add a camera first": "Zuerst eine Kamera hinzufügen",
    "Add a camera that starts at the photo's view, moves along the path, and returns after one loop": (
        "Eine Kamera hinzufügen, die in der Fotoansicht beginnt, dem Pfad folgt und nach einer Schleife zurück ist"
    ),
    "Apply Path to Selected Camera": "Pfad auf gewählte Kamera anwenden",
    "Send the selected camera along the path, from the photo's view; its own keys give way to the path's": (
        "Die gewählte Kamera von der Fotoansicht aus den Pfad entlangschicken; er ersetzt ihre Schlüsselbilder"
    ),
    "Select a camera, or press Add Camera": "Eine Kamera auswählen oder Kamera hinzufügen drücken",
    "The camera is linked from another file": "Die Kamera ist aus einer anderen Datei verknüpft",
    "The photo's own camera stays where it is: choose another one, or press Add Camera": (
        "Die Kamera des Fotos bleibt, wo sie ist: eine andere wählen oder Kamera hinzufügen drücken"
    ),
    "The photo's own camera stays where it is: press Add Camera": (
        "Die Kamera des Fotos bleibt, wo sie ist: Kamera hinzufügen drücken"
    ),
    "The photo's camera was deleted. Build the scene again, or add a camera": (
        "Die Kamera des Fotos wurde gelöscht. Die Szene neu erstellen oder eine Kamera hinzufügen"
    ),
    "The scene has no camera: press Add Camera": "Die Szene hat keine Kamera: Kamera hinzufügen drücken",
    "Choose a camera as the scene's active one first": "Zuerst eine Kamera als aktive der Szene wählen",
    "Add Camera Path Preset": "Kamerapfad-Voreinstellung hinzufügen",
    "Camera Path Presets": "Kamerapfad-Voreinstellungen",
    "Save the path settings as a preset, or remove the chosen preset": (
        "Die Einstellungen des Pfads als Voreinstellung speichern oder die gewählte entfernen"
    ),
    "Path": "Pfad",
    "Path that a camera follows from the photo's view": "Pfad, dem eine Kamera von der Fotoansicht aus folgt",
    "Static": "Statisch",
    "Zoom In": "Heranfahren",
    "Dolly Zoom": "Dolly-Zoom",
    "Side to Side": "Hin und her",
    "Up and Down": "Auf und ab",
    "Circle": "Kreis",
    "Orbit": "Umkreisen",
    "Arc": "Bogen",
    "Spiral": "Spirale",
    "Push and Pull": "Vor und zurück",
    "Handheld": "Aus der Hand",
    "Amplitude": "Amplitude",
    "Size of the camera's movement": "Größe der Kamerabewegung",
    "Ease": "Abbremsen",
    "How much slower the camera is at the photo's view": "Wie viel langsamer die Kamera in der Fotoansicht ist",
    "None": "Keines",
    "Gentle": "Sanft",
    "Rest at the Photo": "Rast beim Foto",
    "Key Spacing": "Abstand der Schlüsselbilder",
    "Frames from key to key: 1 follows the path exactly, more is easier to edit": (
        "Bilder von Schlüsselbild zu Schlüsselbild: 1 folgt dem Pfad genau, mehr ist leichter zu bearbeiten"
    ),
    "How many times the camera follows its path in one loop": "Wie oft die Kamera ihrem Pfad je Schleife folgt",
    "Start": "Start",
    "Loops": "Schleifen",
    "Loop": "Schleife",
    # Loop check
    "Loop Check": "Schleifenprüfung",
    "Check Loop": "Schleife prüfen",
    "Press Check Loop": "Schleife prüfen drücken",
    "Look whether the camera is back where it began when the loop starts again, and how big the seam is": (
        "Nachsehen, ob die Kamera wieder am Anfang ist, wenn die Schleife neu beginnt, und wie groß die Naht ist"
    ),
    "Whether the camera is back where it began when the loop starts again": (
        "Ob die Kamera wieder am Anfang ist, wenn die Schleife neu beginnt"
    ),
    "What Check Loop found": "Was die Schleifenprüfung ergab",
    "Not Checked": "Nicht geprüft",
    "Closed": "Geschlossen",
    "The camera is back, and moves on as it began": "Die Kamera ist zurück und bewegt sich weiter wie am Anfang",
    "Kinked": "Geknickt",
    "The camera is back, but its speed jumps": "Die Kamera ist zurück, aber ihre Geschwindigkeit springt",
    "Open": "Offen",
    "The picture jumps where the loop starts again": "Das Bild springt, wo die Schleife neu beginnt",
    "Cut": "Schnitt",
    "The loop ends with another camera than it starts with": (
        "Die Schleife endet mit einer anderen Kamera, als sie beginnt"
    ),
    "Seam": "Naht",
    "How far the picture jumps at the seam, in pixels": "Wie weit das Bild an der Naht springt, in Pixeln",
    "Kick": "Ruck",
    "How much its speed jumps at the seam, in pixels per frame": (
        "Wie sehr seine Geschwindigkeit an der Naht springt, in Pixeln pro Bild"
    ),
    "Make Cyclic": "Zyklisch machen",
    "Let the camera's curves end where they begin, one loop later, and repeat; keys outside the loop are removed": (
        "Die Kurven der Kamera eine Schleife später enden lassen, wo sie beginnen, und wiederholen; "
        "Schlüsselbilder außerhalb der Schleife werden entfernt"
    ),
    # Safe view
    "Safe View": "Sichere Ansicht",
    "Looking through the camera, color what the photo does not know, and tell how much it is": (
        "Beim Blick durch die Kamera einfärben, was das Foto nicht kennt, und angeben, wie viel es ist"
    ),
    "Look through Camera": "Durch die Kamera sehen",
    "Overlays are off in this viewport": "Überlagerungen sind in dieser Ansicht aus",
    "Measure View": "Ansicht messen",
    "Tell how much of the camera's view the photo does not know": (
        "Angeben, wie viel von der Kameraansicht das Foto nicht kennt"
    ),
    "Unknown": "Unbekannt",
    "Share of the frame that showed what the photo does not know when Measure View was used last": (
        "Anteil des Bilds, der beim letzten Messen zeigte, was das Foto nicht kennt"
    ),
    "Beyond": "Außerhalb",
    "Share of the frame that showed nothing at all when Measure View was used last": (
        "Anteil des Bilds, der beim letzten Messen gar nichts zeigte"
    ),
    "Max Unknown": "Unbekannt höchstens",
    "Share of the frame that may show what the photo does not know": (
        "Anteil des Bilds, der zeigen darf, was das Foto nicht kennt"
    ),
    "Limit Amplitude": "Amplitude begrenzen",
    "Scale the camera's keys towards the photo's view until no frame of the loop shows more unknown than allowed": (
        "Die Schlüsselbilder der Kamera zur Fotoansicht hin skalieren, bis kein Bild der Schleife mehr Unbekanntes "
        "zeigt als erlaubt"
    ),
}
