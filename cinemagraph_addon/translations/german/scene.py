"""German texts of the panels Scene, Preview, and Notices."""

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
    "Folder of a Hugging Face depth model; the one installed, or the built-in depth, when empty": (
        "Ordner eines Hugging-Face-Tiefenmodells; wenn leer, das installierte oder die eingebaute Tiefe"
    ),
    "Inpainting Model": "Ergänzungsmodell",
    "TorchScript file of a trained inpainter, such as big-lama.pt; the built-in filling when empty": (
        "TorchScript-Datei eines trainierten Ergänzers wie big-lama.pt; die eingebaute Füllung, wenn leer"
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
    "Trust Model": "Modell vertrauen",
    "Whether an inpainting model that is not known is run. Such a file can hold any program": (
        "Ob ein unbekanntes Ergänzungsmodell ausgeführt wird. Eine solche Datei kann jedes Programm enthalten"
    ),
    "Known Files Only": "Nur bekannte Dateien",
    "Run big-lama.pt and migan_traced.pt as published, and nothing else": (
        "Nur big-lama.pt und migan_traced.pt ausführen, wie sie veröffentlicht sind"
    ),
    "As LaMa": "Als LaMa",
    "I trust the origin of this file; it is called as LaMa is": (
        "Ich vertraue der Herkunft dieser Datei; sie wird wie LaMa aufgerufen"
    ),
    "As MI-GAN": "Als MI-GAN",
    "I trust the origin of this file; it is called as MI-GAN is": (
        "Ich vertraue der Herkunft dieser Datei; sie wird wie MI-GAN aufgerufen"
    ),
    "Networks": "Netze",
    "What estimates the motion of arrows and draws the frames": (
        "Was die Bewegung aus Pfeilen schätzt und die Bilder zeichnet"
    ),
    "Built-in": "Eingebaut",
    "What comes with the add-on": "Was mit dem Add-on kommt",
    "Paper": "Veröffentlichung",
    "The networks of the paper's authors, once they are installed in the weights folder": (
        "Die Netze der Autoren der Veröffentlichung, sobald sie im Ordner der Gewichte installiert sind"
    ),
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
    "Depth From": "Tiefe aus",
    "What estimates the depth of a photo without a depth map": "Was die Tiefe eines Fotos ohne Tiefenkarte schätzt",
    "Network": "Netz",
    "The depth model, the one installed, or the network that comes with the add-on": (
        "Das Tiefenmodell, das installierte, oder das Netz, das mit dem Add-on kommt"
    ),
    "Landscape Rule": "Landschaftsregel",
    "Ground that recedes to a horizon, and sky; no network": "Boden bis zum Horizont und Himmel; kein Netz",
    "Correct Horizon": "Horizont berichtigen",
    "Correct the estimated depth by where the horizon is": (
        "Die geschätzte Tiefe nach der Lage des Horizonts berichtigen"
    ),
    "Horizon": "Horizont",
    "Where the horizon is, from 0 at the photo's upper edge to 1 at the lower": (
        "Wo der Horizont liegt, von 0 am oberen Rand des Fotos bis 1 am unteren"
    ),
}
