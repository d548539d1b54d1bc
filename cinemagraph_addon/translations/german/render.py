"""German texts of the panels Render and Export."""

TEXTS: dict[str, str] = {
    # Render
    "Render": "Rendern",
    "Render Image": "Bild rendern",
    "Render Animation": "Animation rendern",
    "Output": "Ausgabe",
    "Quality": "Qualität",
    "How carefully frames are made": "Wie sorgfältig Bilder berechnet werden",
    "Draft": "Entwurf",
    "Half the size, enlarged; about three times as fast": "Halbe Größe, vergrößert; etwa dreimal so schnell",
    "Final": "Endfassung",
    "Full size and contrast": "Volle Größe und voller Kontrast",
    "Samples": "Abtastungen",
    "Samples along each side of a pixel; 2 smooths fine edges and takes about four times as long": (
        "Abtastungen je Seite eines Pixels; 2 glättet feine Kanten und dauert etwa viermal so lange"
    ),
    "Passes and Objects": "Durchgänge und Objekte",
    "Passes": "Durchgänge",
    "Alpha": "Alpha",
    "Alpha Pass": "Alpha-Durchgang",
    "Write a pass with the share of each pixel that points cover, before holes are filled": (
        "Einen Durchgang mit dem Anteil jedes Pixels schreiben, den Punkte bedecken, bevor Löcher gefüllt werden"
    ),
    "Transparent Holes": "Transparente Löcher",
    "Depth Composite": "Tiefen-Komposition",
    "Remove Depth Composite": "Tiefen-Komposition entfernen",
    "Ordinary objects of the scene stand before and behind the photo's points": (
        "Gewöhnliche Objekte der Szene stehen vor und hinter den Punkten des Fotos"
    ),
    "Render the other objects of this scene by their own engine and put them among the photo's points by depth": (
        "Die anderen Objekte dieser Szene mit eigener Engine rendern und nach Tiefe zwischen die Punkte setzen"
    ),
    "Render the photo alone again; the other objects stay in the scene": (
        "Wieder nur das Foto rendern; die anderen Objekte bleiben in der Szene"
    ),
    "There is no depth composite to remove": "Es gibt keine Tiefen-Komposition zum Entfernen",
    "Objects Scene": "Objektszene",
    "Scene that renders the ordinary objects for the depth composite": (
        "Szene, die die gewöhnlichen Objekte für die Tiefen-Komposition rendert"
    ),
    "Objects Engine": "Engine der Objekte",
    # Export
    "Export": "Exportieren",
    "Export Loop": "Schleife exportieren",
    "Export Cameras": "Kameras exportieren",
    "Export Points": "Punkte exportieren",
    "Cinemagraph Cameras (.ply, .json)": "Cinemagraph-Kameras (.ply, .json)",
    "Cinemagraph Loop (.mp4, .webm, .gif)": "Cinemagraph-Schleife (.mp4, .webm, .gif)",
    "Cinemagraph Points (.ply)": "Cinemagraph-Punkte (.ply)",
    "Write one loop, as the scene's camera sees it, into a video or GIF; quicker than Render Animation": (
        "Eine Schleife, wie die Kamera sie sieht, als Video oder GIF schreiben; schneller als Animation rendern"
    ),
    "Write the camera of each frame of the loop: pyramids and their path as PLY, or numbers as JSON": (
        "Die Kamera jedes Bilds der Schleife schreiben: Pyramiden und ihren Pfad als PLY oder Zahlen als JSON"
    ),
    "Write the points with color, layer, and flow to a PLY file, which other 3D programs read": (
        "Die Punkte mit Farbe, Ebene und Fluss in eine PLY-Datei schreiben, die andere 3D-Programme lesen"
    ),
    "File": "Datei",
    "File to write": "Datei, die geschrieben wird",
    "Video to write: .mp4, .webm, or .gif": "Video, das geschrieben wird: .mp4, .webm oder .gif",
    "Format": "Format",
    "Kind of file; the name's ending wins": "Art der Datei; die Endung des Namens geht vor",
    "MP4": "MP4",
    "H.264, plays everywhere": "H.264, läuft überall",
    "WebM": "WebM",
    "VP9, smaller, for web pages": "VP9, kleiner, für Webseiten",
    "GIF": "GIF",
    "256 colors, repeats for ever in browsers and messengers": (
        "256 Farben, wiederholt sich endlos in Browsern und Nachrichten"
    ),
    "How many times the loop is repeated in a video; a GIF repeats by itself": (
        "Wie oft die Schleife im Video wiederholt wird; ein GIF wiederholt sich von selbst"
    ),
    "Ping-Pong": "Hin und zurück",
    "Play forwards, then backwards; for a camera that does not return to where it starts": (
        "Vorwärts, dann rückwärts abspielen; für eine Kamera, die nicht an ihren Anfang zurückkehrt"
    ),
    "Pose": "Haltung",
    "Where the points stand": "Wo die Punkte stehen",
    "As Built": "Wie erstellt",
    "All points at rest, whatever was moved or hidden since": (
        "Alle Punkte in Ruhe, was auch immer seither bewegt oder versteckt wurde"
    ),
    "Current Frame": "Aktuelles Bild",
    "As they have flowed by this frame, with layers where the viewport shows them": (
        "Wie sie bis zu diesem Bild geflossen sind, mit den Ebenen, wo das Ansichtsfenster sie zeigt"
    ),
    # Packing
    "Pack": "Packen",
    "Write a copy of this file with scene folder, photo, masks, and textures into one zip for another machine": (
        "Eine Kopie dieser Datei mit Szenenordner, Foto, Masken und Texturen "
        "als ein Zip für einen anderen Rechner schreiben"
    ),
    "Unpack": "Entpacken",
    "Unpack a zip made by Pack into a folder beside it; unzipping it by hand does as well": (
        "Ein mit Packen erzeugtes Zip in einen Ordner daneben entpacken; von Hand geht es ebenso"
    ),
    "Cinemagraph Pack (.zip)": "Cinemagraph-Paket (.zip)",
    "Zip": "Zip",
    "Zip made by Pack": "Mit Packen erzeugtes Zip",
    "Zip to write": "Zip, das geschrieben wird",
    # Right to write
    "Hold Write Permission": "Schreibrecht halten",
    "Never runs: asking whether it may is a call that lasts as long as wanted": (
        "Läuft nie: die Frage, ob es darf, ist ein Aufruf, der so lange dauert wie gewünscht"
    ),
    "May Write": "Darf schreiben",
    "Set to give Python the right to write back": "Wird gesetzt, um Python das Schreibrecht zurückzugeben",
}
