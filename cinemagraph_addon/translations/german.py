"""German. Terms follow Blender's own German interface."""

TEXTS: dict[str, str] = {
    # Scene
    "Build Scene": "Szene erstellen",
    "Rebuild Scene": "Szene neu erstellen",
    "Scene": "Szene",
    "Photo": "Foto",
    "Image that the scene is built from": "Bild, aus dem die Szene erstellt wird",
    "Depth and Layers": "Tiefe und Ebenen",
    "Depth": "Tiefe",
    "Depth map of the photo; estimated when empty": "Tiefenkarte des Fotos; geschätzt, wenn leer",
    "Depth Model": "Tiefenmodell",
    "Folder of a Hugging Face depth model; the built-in depth when empty": (
        "Ordner eines Hugging-Face-Tiefenmodells; die eingebaute Tiefe, wenn leer"
    ),
    "Scene Folder": "Szenenordner",
    "Folder that the built scene is kept in; beside the .blend file or the photo when empty": (
        "Ordner für die erstellte Szene; neben der .blend-Datei oder dem Foto, wenn leer"
    ),
    "Working Size": "Arbeitsgröße",
    "Long side in pixels that the photo is built at": "Lange Seite in Pixeln, mit der das Foto verarbeitet wird",
    "Layers": "Ebenen",
    "Layer": "Ebene",
    "Number of depth layers": "Anzahl der Tiefenebenen",
    "Automatic": "Automatisch",
    "As many as the depth asks for": "So viele, wie die Tiefe verlangt",
    "Loop Length": "Länge der Schleife",
    "Number of frames after which the motion repeats": "Anzahl der Bilder, nach denen sich die Bewegung wiederholt",
    "Loop Start": "Beginn der Schleife",
    "Frame that shows the photo as it is; the motion repeats from there, before and after": (
        "Bild, das das Foto unverändert zeigt; von dort wiederholt sich die Bewegung, davor und danach"
    ),
    "Match Photo Colors": "Farben des Fotos einstellen",
    "Let the first build set color management so that rendered files show the photo's own colors": (
        "Beim ersten Erstellen das Farbmanagement so einstellen, dass gerenderte Dateien die Farben des Fotos zeigen"
    ),
    "Set color management so that rendered files show the photo's own colors": (
        "Das Farbmanagement so einstellen, dass gerenderte Dateien die Farben des Fotos zeigen"
    ),
    "Built": "Erstellt",
    "Built Size": "Erstellte Größe",
    "Width and height in pixels that the scene was built at": (
        "Breite und Höhe in Pixeln, mit denen die Szene erstellt wurde"
    ),
    "The scene folder holds a scene built from the photo": (
        "Der Szenenordner enthält eine aus dem Foto erstellte Szene"
    ),
    "Turn the photo into layers of points with a matching camera": (
        "Das Foto in Ebenen aus Punkten mit passender Kamera verwandeln"
    ),
    "Choose a photo first": "Zuerst ein Foto wählen",
    "Build the scene first": "Zuerst die Szene erstellen",
    "Cinemagraph": "Cinemagraph",
    # A photo from elsewhere
    "Cinemagraph from Photo": "Cinemagraph aus Foto",
    "Make a photo a cinemagraph's, and build its scene at once if wanted": (
        "Aus einem Foto ein Cinemagraph machen und auf Wunsch gleich seine Szene erstellen"
    ),
    "Build the scene at once; otherwise choose mask and arrows first": (
        "Die Szene sofort erstellen; sonst zuerst Maske und Pfeile wählen"
    ),
    "New Scene": "Neue Szene",
    "Leave this scene as it is, and make one of its own for the photo": (
        "Diese Szene lassen, wie sie ist, und für das Foto eine eigene anlegen"
    ),
    "Use Image as Photo": "Bild als Foto verwenden",
    "Take the image that is open here as the cinemagraph's photo; one without a file is saved without loss first": (
        "Das hier geöffnete Bild als Foto des Cinemagraphs nehmen; eines ohne Datei wird zuerst verlustfrei gespeichert"
    ),
    "Image": "Bild",
    "Image file": "Bilddatei",
    "Name of the image; that of the Image Editor when empty": "Name des Bilds; das des Bildeditors, wenn leer",
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
    # Jobs and status
    "Status": "Status",
    "State": "Zustand",
    "What happened last": "Was zuletzt geschah",
    "Starting": "Startet",
    "Cancel": "Abbrechen",
    "Stop the running job": "Den laufenden Vorgang abbrechen",
    "Wait until the running job has ended, or cancel it": "Warten, bis der laufende Vorgang endet, oder ihn abbrechen",
    "Info": "Hinweis",
    "Warning": "Warnung",
    "Error": "Fehler",
    # Preview
    "Preview": "Vorschau",
    "Display": "Anzeige",
    "What stands for the photo in the viewport": "Was im Ansichtsfenster für das Foto steht",
    "Points": "Punkte",
    "Every layer as moving points, in color in Material Preview and Rendered shading": (
        "Jede Ebene als bewegte Punkte, farbig in Materialvorschau und gerenderter Ansicht"
    ),
    "Relief": "Relief",
    "A colored relief of the photo, quick to draw and in color in Solid shading": (
        "Ein farbiges Relief des Fotos, schnell gezeichnet und farbig auch in der Solid-Ansicht"
    ),
    "Density": "Dichte",
    "Share of the points that the viewport draws; all are rendered": (
        "Anteil der Punkte, die das Ansichtsfenster zeichnet; gerendert werden alle"
    ),
    "Show Photo View": "Fotoansicht zeigen",
    "Look through the scene's camera in every 3D viewport, in a shading that shows color": (
        "In jedem 3D-Ansichtsfenster durch die Kamera der Szene blicken, in einer Schattierung mit Farben"
    ),
    "Play": "Abspielen",
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
    "Color what the photo does not know in the camera's view, and tell how much it is": (
        "In der Kameraansicht einfärben, was das Foto nicht kennt, und angeben, wie viel es ist"
    ),
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
    # Notices and their remedies
    "Notices": "Hinweise",
    "Find Photo": "Foto suchen",
    "Where the file is now": "Wo die Datei jetzt liegt",
    "Choose where the file is now": "Wählen, wo die Datei jetzt liegt",
    "Find Scene Folder": "Szenenordner suchen",
    "Folder": "Ordner",
    "Folder with scene.json": "Ordner mit scene.json",
    "Choose where the scene folder is now; nothing is built again": (
        "Wählen, wo der Szenenordner jetzt liegt; es wird nichts neu erstellt"
    ),
    "Restore Points": "Punkte wiederherstellen",
    "Give a layer the points again that it was built with; its place and modifiers stay": (
        "Einer Ebene die Punkte wiedergeben, mit denen sie erstellt wurde; Ort und Modifikatoren bleiben"
    ),
    "Number of the layer, 0 is the nearest": "Nummer der Ebene, 0 ist die nächste",
    "Leave Edit Mode first": "Zuerst den Bearbeitungsmodus verlassen",
    "Set Frame Range": "Bildbereich setzen",
    "Set Frame Range to Loop": "Bildbereich auf Schleife setzen",
    "End the frame range where the loop starts again, so that a rendered animation repeats without a jump": (
        "Den Bildbereich enden lassen, wo die Schleife neu beginnt, damit sich die Animation ohne Sprung wiederholt"
    ),
    "Number of loops in the frame range": "Anzahl der Schleifen im Bildbereich",
    "Use Photo Size": "Größe des Fotos verwenden",
    "Render at the size that the photo was built at": "In der Größe rendern, in der das Foto erstellt wurde",
    "Use Even Size": "Gerade Größe verwenden",
    "Make odd sides of the frame one pixel longer, as video files need it": (
        "Ungerade Seiten des Bilds um ein Pixel verlängern, wie es Videodateien brauchen"
    ),
    "Use Perspective": "Perspektive verwenden",
    "Make the scene's camera a perspective one, the only kind that can render the photo's points": (
        "Die Kamera der Szene perspektivisch machen: nur solche können die Punkte des Fotos rendern"
    ),
    "Use Photo Camera": "Kamera des Fotos verwenden",
    "Make the photo's camera the scene's active one": "Die Kamera des Fotos zur aktiven der Szene machen",
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
    # Backend
    "Backend": "Backend",
    "Starts when needed": "Startet bei Bedarf",
    "Test Backend": "Backend testen",
    "Start the backend, let it calculate, and show its device, memory, and weights": (
        "Das Backend starten, rechnen lassen und Gerät, Speicher und Gewichte zeigen"
    ),
    "Install Backend": "Backend installieren",
    "Download the backend's packages into an environment of their own; one that was broken off is gone on with": (
        "Die Pakete des Backends in eine eigene Umgebung laden; eine abgebrochene Installation wird fortgesetzt"
    ),
    "Remove": "Entfernen",
    "Remove Backend": "Backend entfernen",
    "Stop the backend and delete its private environment; scenes and settings stay": (
        "Das Backend beenden und seine eigene Umgebung löschen; Szenen und Einstellungen bleiben"
    ),
    "Nothing is installed": "Es ist nichts installiert",
    "Open Preferences": "Einstellungen öffnen",
    "Python": "Python",
    "Where the Python that does the computing comes from": "Woher das Python kommt, das rechnet",
    "Private Environment": "Eigene Umgebung",
    "Packages that this add-on downloads and keeps for itself": (
        "Pakete, die dieses Add-on herunterlädt und für sich behält"
    ),
    "Existing Python": "Vorhandenes Python",
    "An environment of yours that has the packages": "Eine eigene Umgebung, die die Pakete hat",
    "Python interpreter of an environment that has PyTorch and the other packages installed": (
        "Python-Interpreter einer Umgebung, in der PyTorch und die anderen Pakete installiert sind"
    ),
    "PyTorch": "PyTorch",
    "Which build of PyTorch is installed": "Welche Fassung von PyTorch installiert wird",
    "CUDA where there is an NVIDIA driver, else the small build for the processor": (
        "CUDA, wo es einen NVIDIA-Treiber gibt, sonst die kleine Fassung für den Prozessor"
    ),
    "CPU": "CPU",
    "CUDA": "CUDA",
    "For any processor: 0.4 GB to download, 1.8 GB on disk": (
        "Für jeden Prozessor: 0,4 GB Download, 1,8 GB auf der Platte"
    ),
    "For NVIDIA GPUs: 2.8 GB to download, 5.6 GB on disk": (
        "Für NVIDIA-Grafikkarten: 2,8 GB Download, 5,6 GB auf der Platte"
    ),
    "Wheel Folder": "Wheel-Ordner",
    "Install from the wheel files in this folder, without the network; empty to download": (
        "Aus den Wheel-Dateien in diesem Ordner installieren, ohne Netz; leer, um herunterzuladen"
    ),
    "Blender may not use the network yet": "Blender darf das Netz noch nicht benutzen",
    "Blender was started in offline mode; choose a wheel folder": (
        "Blender wurde im Offline-Modus gestartet; einen Wheel-Ordner wählen"
    ),
    "Log": "Protokoll",
    "Open Log": "Protokoll öffnen",
    "Which log to open": "Welches Protokoll geöffnet wird",
    "Show what was written by the installation or by the backend": (
        "Zeigen, was die Installation oder das Backend geschrieben hat"
    ),
    "Installation": "Installation",
    "Installation Log": "Installationsprotokoll",
    "What pip said in the latest installation": "Was pip bei der letzten Installation sagte",
    "Backend Log": "Backend-Protokoll",
    "What the backend has written while it worked": "Was das Backend beim Arbeiten geschrieben hat",
}
