"""German messages: what is wrong, what was done, and what is going on. `{}` stands for a name or number, in order."""

_PROBLEMS: dict[str, str] = {
    "Press {} in the add-on's preferences.": "{} in den Einstellungen des Add-ons drücken.",
    "The backend Python '{}' does not exist.": "Das Python „{}“ für das Backend gibt es nicht.",
    "No Python is chosen for the backend.": "Für das Backend ist kein Python gewählt.",
    "Choose one in the add-on's preferences.": "Eines in den Einstellungen des Add-ons wählen.",
    "The array '{}' has shape {}, expected {}.": "Das Feld „{}“ hat die Form {}, erwartet wird {}.",
    "The add-on and the backend seem to be of different versions; build the scene again.": (
        "Add-on und Backend scheinen verschiedene Versionen zu haben; die Szene neu erstellen."
    ),
    "The array '{}' could not be read: {}.": "Das Feld „{}“ konnte nicht gelesen werden: {}.",
    "Build the scene again; if that does not help, restart Blender.": (
        "Die Szene neu erstellen; wenn das nicht hilft, Blender neu starten."
    ),
    "Install one, such as by 'apt install {}', or use an existing Python.": (
        "Eines installieren, etwa mit „apt install {}“, oder ein vorhandenes Python verwenden."
    ),
    "Install Python 3.11 from python.org, or use an existing Python.": (
        "Python 3.11 von python.org installieren oder ein vorhandenes Python verwenden."
    ),
    "No Python here can make the backend's environment: {}.": (
        "Kein Python hier kann die Umgebung des Backends anlegen: {}."
    ),
    "'{}' could not be started: {}.": "„{}“ konnte nicht gestartet werden: {}.",
    "Details are in '{}'.": "Näheres steht in „{}“.",
    "The backend could not be started with '{}': {}.": "Das Backend konnte mit „{}“ nicht gestartet werden: {}.",
    "Choose the Python that has PyTorch installed in the add-on's preferences.": (
        "In den Einstellungen des Add-ons das Python wählen, in dem PyTorch installiert ist."
    ),
    "'{}' could not be written: {}.": "„{}“ konnte nicht geschrieben werden: {}.",
    "Choose another place.": "Einen anderen Ort wählen.",
    "The list of packages '{}' could not be read: {}.": "Die Paketliste „{}“ konnte nicht gelesen werden: {}.",
    "Install the add-on again.": "Das Add-on neu installieren.",
    "Another Blender is changing the backend right now.": "Ein anderes Blender ändert gerade das Backend.",
    "Wait until it has ended, then try again.": "Warten, bis es fertig ist, dann noch einmal versuchen.",
    "Is the disk full?": "Ist die Festplatte voll?",
    "The wheel folder '{}' does not exist.": "Den Wheel-Ordner „{}“ gibt es nicht.",
    "Choose another, or none.": "Einen anderen wählen oder keinen.",
    "Blender is not allowed to use the network.": "Blender darf das Netz nicht benutzen.",
    "Switch on Allow Online Access in Preferences > System, or choose a wheel folder.": (
        "Den Online-Zugang unter Einstellungen > System erlauben oder einen Wheel-Ordner wählen."
    ),
    "The backend needs {} GB of disk space, {} GB are free in '{}'.": (
        "Das Backend braucht {} GB Speicherplatz, {} GB sind frei in „{}“."
    ),
    "Free some space, then try again.": "Platz schaffen, dann noch einmal versuchen.",
    "'{}' could not be removed: {}.": "„{}“ konnte nicht entfernt werden: {}.",
    "Close other programs that use it, then try again.": (
        "Andere Programme schließen, die es benutzen, dann noch einmal versuchen."
    ),
    "{} The log is '{}'.": "{} Das Protokoll ist „{}“.",
    "The installed backend does not work: {}.": "Das installierte Backend arbeitet nicht: {}.",
    "Remove it, and install it again. The log is '{}'.": "Es entfernen und neu installieren. Das Protokoll ist „{}“.",
    "The environment could not be made: {}": "Die Umgebung konnte nicht angelegt werden: {}",
    "Use an existing Python.": "Ein vorhandenes Python verwenden.",
    "pip could not install {}.{}": "pip konnte {} nicht installieren.{}",
    "Try again; it goes on where it stopped.": "Noch einmal versuchen; es geht dort weiter, wo es stehen blieb.",
    "{} ({} was not installed.)": "{} ({} wurde nicht installiert.)",
    "'{}' has format {}, expected {}.": "„{}“ hat das Format {}, erwartet wird {}.",
    "Build the scene again.": "Die Szene neu erstellen.",
    "The scene folder '{}' is missing or empty.": "Der Szenenordner „{}“ fehlt oder ist leer.",
    "'{}' could not be read: {}.": "„{}“ konnte nicht gelesen werden: {}.",
    "'{}' is damaged: {}.": "„{}“ ist beschädigt: {}.",
    "'{}' exists already.": "„{}“ gibt es schon.",
    "Choose another folder; nothing is replaced.": "Einen anderen Ordner wählen; nichts wird ersetzt.",
    "'{}' could not be unpacked: {}.": "„{}“ konnte nicht entpackt werden: {}.",
    "Is it complete, and is there space?": "Ist es vollständig, und ist genug Platz da?",
    "'{}' leads out of its folder.": "„{}“ führt aus seinem Ordner hinaus.",
    "It was not made by Pack.": "Es stammt nicht von Packen.",
    "The photo of the scene folder '{}' is missing.": "Das Foto des Szenenordners „{}“ fehlt.",
    "The cinemagraph's root object is mirrored, sheared, or scaled unevenly.": (
        "Das Wurzelobjekt des Cinemagraphen ist gespiegelt, geschert oder ungleich skaliert."
    ),
    "Give it the same positive scale on all three axes.": (
        "Ihm auf allen drei Achsen dieselbe positive Skalierung geben."
    ),
    "The camera '{}' is not a perspective camera.": "Die Kamera „{}“ ist keine perspektivische Kamera.",
    "Set its Type to Perspective in the camera's Lens panel.": (
        "Ihren Typ im Bedienfeld Linse der Kamera auf Perspektivisch stellen."
    ),
    "The view is orthographic.": "Die Ansicht ist orthografisch.",
    "Press Numpad 5 for a perspective view, or Numpad 0.": (
        "Ziffernblock 5 für eine perspektivische Ansicht drücken oder Ziffernblock 0."
    ),
    "This scene is not built yet.": "Diese Szene ist noch nicht erstellt.",
    "Choose a photo and press Build Scene in the sidebar.": (
        "Ein Foto wählen und in der Seitenleiste Szene erstellen drücken."
    ),
    "Stereoscopic rendering is not supported.": "Stereoskopisches Rendern wird nicht unterstützt.",
    "Turn off Stereoscopy in the output properties.": "Stereoskopie in den Ausgabe-Eigenschaften abschalten.",
    "The scene has no camera.": "Die Szene hat keine Kamera.",
    "Press Add Camera in the sidebar.": "In der Seitenleiste Kamera hinzufügen drücken.",
    "The render border is empty.": "Der Renderrahmen ist leer.",
    "Draw it again with Ctrl-B, or turn off Render Region.": (
        "Ihn mit Strg-B neu ziehen oder den Renderbereich abschalten."
    ),
    "The arrows were drawn without a photo.": "Die Pfeile wurden ohne Foto gezeichnet.",
    "Press Draw Arrows once, which reads the photo's size.": (
        "Einmal Pfeile zeichnen drücken; das liest die Größe des Fotos."
    ),
    "{} '{}' does not exist.": "{} „{}“ gibt es nicht.",
    "Choose the file again, or clear it.": "Die Datei neu wählen oder das Feld leeren.",
    "'{}' is not a still image.": "„{}“ ist kein einzelnes Bild.",
    "Save a frame of it as an image first.": "Zuerst ein Bild davon als Bilddatei speichern.",
    "'{}' could not be loaded.": "„{}“ konnte nicht geladen werden.",
    "Check its file in the Image Editor.": "Seine Datei im Bildeditor prüfen.",
    "'{}' is not a file on the disk yet.": "„{}“ ist noch keine Datei auf der Festplatte.",
    "Save the .blend, then try again.": "Die .blend-Datei speichern, dann noch einmal versuchen.",
    "'{}' could not be written.": "„{}“ konnte nicht geschrieben werden.",
    "'{}' cannot be written: {}.": "„{}“ kann nicht geschrieben werden: {}.",
    "'{}' does not turn by Euler angles.": "„{}“ dreht sich nicht nach Euler-Winkeln.",
    "Set its Rotation Mode to XYZ Euler.": "Ihren Rotationsmodus auf XYZ Euler stellen.",
    "Something else than its own keys moves '{}'.": "Etwas anderes als die eigenen Keyframes bewegt „{}“.",
    "The modifier {} of a curve of '{}' is in the way.": "Der Modifikator {} einer Kurve von „{}“ ist im Weg.",
    "The points of '{}' have lost the attribute 'point_id'.": (
        "Die Punkte von „{}“ haben das Attribut „point_id“ verloren."
    ),
    "Press Restore Points in the sidebar.": "In der Seitenleiste Punkte wiederherstellen drücken.",
    "The points of '{}' do not belong to this scene folder.": (
        "Die Punkte von „{}“ gehören nicht zu diesem Szenenordner."
    ),
    "The scene folder '{}' is missing its points.": "Dem Szenenordner „{}“ fehlen seine Punkte.",
    "The image '{}' has no pixels.": "Das Bild „{}“ hat keine Pixel.",
    "Press Clear beside it, and paint it again.": "Daneben auf Leeren drücken und es neu malen.",
    "The mask '{}' could not be read.": "Die Maske „{}“ konnte nicht gelesen werden.",
    "Choose another file, or clear it.": "Eine andere Datei wählen oder das Feld leeren.",
    "The scene '{}' was removed meanwhile.": "Die Szene „{}“ wurde inzwischen entfernt.",
    "Photo '{}' does not exist.": "Das Foto „{}“ gibt es nicht.",
    "Choose the file again.": "Die Datei neu wählen.",
    "'{}' is linked from another file.": "„{}“ ist aus einer anderen Datei verknüpft.",
    "Make it local, or press Add Camera.": "Sie lokal machen oder Kamera hinzufügen drücken.",
    "'{}' moves with '{}'.": "„{}“ bewegt sich mit „{}“.",
    "Clear its parent, or parent it to '{}'.": "Die Beziehung lösen oder „{}“ zum Elternobjekt machen.",
    "The video needs a name with .mp4, .webm, or .gif.": "Das Video braucht einen Namen mit .mp4, .webm oder .gif.",
    "Type one in the file browser.": "Im Dateibrowser einen eingeben.",
    "The file needs a name with {}.": "Die Datei braucht einen Namen mit {}.",
    "The pack needs a name with .zip.": "Das Paket braucht einen Namen mit .zip.",
    "There is no file '{}'.": "Die Datei „{}“ gibt es nicht.",
    "Choose a zip made by Pack.": "Eine Zip-Datei wählen, die von Packen stammt.",
    "'{}' holds no .blend; it lies in '{}'.": "„{}“ enthält keine .blend-Datei; es liegt in „{}“.",
    "The scene folder has no layer {}.": "Der Szenenordner hat keine Ebene {}.",
    "Layer {} was deleted.": "Ebene {} wurde gelöscht.",
    "Build the scene again to get it back.": "Die Szene neu erstellen, um sie zurückzubekommen.",
    "{}% of the frame is unknown even at the photo's view.": (
        "{} % des Bildes sind schon in der Ansicht des Fotos unbekannt."
    ),
    "Raise Max Unknown, or render in the photo's shape.": (
        "Unbekannt höchstens erhöhen oder im Format des Fotos rendern."
    ),
    "The camera '{}' was removed meanwhile.": "Die Kamera „{}“ wurde inzwischen entfernt.",
    "This file links data from {}.": "Diese Datei verknüpft Daten aus {}.",
    "Make it local (Object > Relations), then pack.": "Sie lokal machen (Objekt > Beziehungen), dann packen.",
}

_NOTICES: dict[str, str] = {
    "Frames are rendered at {} x {}; the photo was built at {} x {}{}.": (
        "Gerendert wird mit {} x {}; das Foto wurde mit {} x {} erstellt{}."
    ),
    ", which has another shape": " und hat ein anderes Format",
    "The frame range has {} frames, the loop {}: a rendered animation jumps where it repeats.": (
        "Der Bildbereich hat {} Bilder, die Schleife {}: Eine gerenderte Animation springt, wo sie sich wiederholt."
    ),
    "This scene is linked from '{}'. It renders, but is changed there.": (
        "Diese Szene ist aus „{}“ verknüpft. Sie wird gerendert, aber dort geändert."
    ),
    "The backend is of another version than this add-on. Install the one that came with it.": (
        "Das Backend hat eine andere Version als dieses Add-on. Das mitgelieferte installieren."
    ),
    "The photo '{}' is gone. The scene still renders, but cannot be built again without it.": (
        "Das Foto „{}“ ist verschwunden. Die Szene wird noch gerendert, kann aber ohne es nicht neu erstellt werden."
    ),
    "Blender writes no video of {} x {}: both sides must be even.": (
        "Blender schreibt kein Video mit {} x {}: Beide Seiten müssen gerade sein."
    ),
    "Frames are left out by the frame step of {}: the animation may jump where it repeats.": (
        "Die Schrittweite {} lässt Bilder aus: Die Animation springt vielleicht, wo sie sich wiederholt."
    ),
    "The file '{}' ({}) is gone. The scene cannot be built again without it.": (
        "Die Datei „{}“ ({}) ist verschwunden. Ohne sie kann die Szene nicht neu erstellt werden."
    ),
    "The scene folder '{}' is from an older version. Build the scene again.": (
        "Der Szenenordner „{}“ stammt aus einer älteren Version. Die Szene neu erstellen."
    ),
    "The scene folder '{}' is from a newer version of this add-on. Update it, or rebuild.": (
        "Der Szenenordner „{}“ ist von einer neueren Version des Add-ons. Es aktualisieren oder neu erstellen."
    ),
    "The points of '{}' have lost the attribute 'point_id' and cannot be rendered.": (
        "Die Punkte von „{}“ haben das Attribut „point_id“ verloren und können nicht gerendert werden."
    ),
    "The photo '{}' does not exist.": "Das Foto „{}“ gibt es nicht.",
    "Rendered colors differ from the photo's.": "Gerenderte Farben weichen von denen des Fotos ab.",
    "{} points of '{}' are copies or new, and are rendered like those they came from.": (
        "{} Punkte von „{}“ sind Kopien oder neu und werden wie die gerendert, von denen sie stammen."
    ),
    "The scene folder '{}' was moved or is empty.": "Der Szenenordner „{}“ wurde verschoben oder ist leer.",
    "The scene folder '{}' lacks {}{}.": "Im Szenenordner „{}“ fehlt {}{}.",
    " and {} more": " und {} weitere",
    "The scene.json in '{}' cannot be read.": "Die scene.json in „{}“ kann nicht gelesen werden.",
    "{} points of '{}' were deleted, and are not rendered.": (
        "{} Punkte von „{}“ wurden gelöscht und werden nicht gerendert."
    ),
    "The loop ends with a cut from '{}' to '{}'": "Die Schleife endet mit einem Schnitt von „{}“ zu „{}“",
    "'{}' does not return: the picture jumps by {} px": "„{}“ kehrt nicht zurück: Das Bild springt um {} px",
    "'{}' returns, but its speed jumps by {} px per frame": (
        "„{}“ kehrt zurück, aber ihr Tempo springt um {} px je Bild"
    ),
    "'{}' returns: the seam is {} px": "„{}“ kehrt zurück: Die Naht misst {} px",
    "The flow file says how all of it moves": "Die Flussdatei sagt, wie sich alles bewegt",
    "Painted mask, {} x {}": "Gemalte Maske, {} x {}",
    "Mask file {}": "Maskendatei {}",
    "Mask guessed from the photo": "Maske aus dem Foto geschätzt",
    "No mask: paint what flows": "Keine Maske: malen, was fließt",
    "Arrows of {}": "Pfeile aus {}",
    "No arrows: the direction is guessed": "Keine Pfeile: Die Richtung wird geschätzt",
    "{} of {} drawn arrows in use": "{} von {} gezeichneten Pfeilen verwendet",
    "{} of {} x {} was scaled to the photo's {} x {}": "{} mit {} x {} wurde auf die Fotogröße {} x {} skaliert",
    "Running with PyTorch {} on {}": "Läuft mit PyTorch {} auf {}",
    "Change to PyTorch for {}": "Zu PyTorch für {} wechseln",
    "{} for {} of the add-on ({})": "{} für {} des Add-ons ({})",
    "Installed": "Installiert",
    "Begun": "Begonnen",
    "this version": "diese Version",
    "version {}": "Version {}",
    "PyTorch for {}, Python {}{}": "PyTorch für {}, Python {}{}",
    ", {} GB on disk": ", {} GB auf der Festplatte",
    "Used: {}": "Verwendet: {}",
    "The environment variable {} overrides these settings": "Die Umgebungsvariable {} geht diesen Einstellungen vor",
    "Safe": "Sicher",
    "Nearly Safe": "Fast sicher",
    "Unsafe": "Unsicher",
    "{}% unknown": "{} % unbekannt",
    ", {}% beyond": ", {} % außerhalb",
    "Safe View: measuring": "Sichere Ansicht: misst",
    "Find {}": "{} suchen",
}

_LAYERS: dict[str, str] = {
    "All layers are hidden: frames will be empty.": "Alle Ebenen sind verborgen: Die Bilder werden leer.",
    "Show Layers": "Ebenen zeigen",
    "Show every layer of the scene, in the viewport and in renders": (
        "Alle Ebenen der Szene zeigen, in der Ansicht und in gerenderten Bildern"
    ),
    "'{}' is deformed: the Rendered viewport has only those of its points that are shown.": (
        "„{}“ ist verformt: Die gerenderte Ansicht hat davon nur die gezeigten Punkte."
    ),
    "Show Points": "Punkte zeigen",
    "Show All Points": "Alle Punkte zeigen",
}

_RENDERING: dict[str, str] = {
    "Starting the backend": "Startet das Backend",
    "The render was stopped.": "Das Rendern wurde abgebrochen.",
}

_ENDINGS: dict[str, str] = {
    "Drag lines along the flow, then press Arrows from Annotations": (
        "Linien entlang des Flusses ziehen, dann Pfeile aus Anmerkungen drücken"
    ),
    "No {} starts on the photo: let it begin where the flow is": (
        "Kein {} beginnt auf dem Foto: ihn dort beginnen lassen, wo es fließt"
    ),
    "{} left out: they start beside the photo": "{} ausgelassen: Sie beginnen neben dem Foto",
    "The backend works: {}, {}": "Das Backend arbeitet: {}, {}",
    "The backend works": "Das Backend arbeitet",
    "This scene is linked from '{}'. It renders, but is changed there": (
        "Diese Szene ist aus „{}“ verknüpft. Sie wird gerendert, aber dort geändert"
    ),
    "There is no log yet": "Es gibt noch kein Protokoll",
    "The scene '{}' renders the other objects; choose its engine there": (
        "Die Szene „{}“ rendert die anderen Objekte; ihre Engine dort wählen"
    ),
    "Wrote '{}', {} frames of {} x {}.": "„{}“ geschrieben, {} Bilder mit {} x {}.",
    "Wrote {} points to '{}'": "{} Punkte nach „{}“ geschrieben",
    "Wrote {} cameras to '{}'": "{} Kameras nach „{}“ geschrieben",
    "There is no file '{}'. Choose it in the file browser.": (
        "Die Datei „{}“ gibt es nicht. Sie im Dateibrowser wählen."
    ),
    "'{}' holds no scene. Choose the folder that has scene.json in it.": (
        "„{}“ enthält keine Szene. Den Ordner wählen, in dem scene.json liegt."
    ),
    "The scene in '{}' cannot be read by this version. Choose another folder.": (
        "Die Szene in „{}“ kann diese Version nicht lesen. Einen anderen Ordner wählen."
    ),
    "The backend is installed: PyTorch for {}, {} GB, in {} s": (
        "Das Backend ist installiert: PyTorch für {}, {} GB, in {} s"
    ),
    "The backend was removed, {} GB are free again": "Das Backend wurde entfernt, {} GB sind wieder frei",
    "The backend was removed": "Das Backend wurde entfernt",
    "The camera has no keys of its own. Make cyclic what moves it: parent or constraint.": (
        "Die Kamera hat keine eigenen Keyframes. Zyklisch machen, was sie bewegt: Elternobjekt oder Constraint."
    ),
    "Painting {}": "{} wird gemalt",
    "Made {}; white moves": "{} angelegt; Weiß bewegt sich",
    "Made {}": "{} angelegt",
    "{} of the photo was taken for water or clouds": "{} des Fotos wurden für Wasser oder Wolken gehalten",
    "Found no water and no clouds": "Weder Wasser noch Wolken gefunden",
    "Estimated the motion of {} region{}": "Bewegung geschätzt, Bereiche: {}{}",
    "Packed {} files into '{}'{}": "{} Dateien in „{}“ gepackt{}",
    ". Left out: {}": ". Ausgelassen: {}",
    "Unpacked. Open '{}'": "Entpackt. „{}“ öffnen",
    "'{}' is the photo": "„{}“ ist das Foto",
    "There is no file '{}'. Choose a photo.": "Die Datei „{}“ gibt es nicht. Ein Foto wählen.",
    "'{}' is the photo. Choose a mask, or press Build Scene.": (
        "„{}“ ist das Foto. Eine Maske wählen oder Szene erstellen drücken."
    ),
    "There is no image. Open one in the Image Editor.": "Es gibt kein Bild. Eines im Bildeditor öffnen.",
    "The scene folder cannot be read. Find it or build the scene again.": (
        "Der Szenenordner kann nicht gelesen werden. Ihn suchen oder die Szene neu erstellen."
    ),
    "'{}' has its {} points again": "„{}“ hat seine {} Punkte wieder",
    "The photo does not know {}% of this view; {}% lie beyond the picture": (
        "Das Foto kennt {} % dieser Ansicht nicht; {} % liegen außerhalb des Bildes"
    ),
    "'{}' moves {} as far: at most {}% of a frame is unknown": (
        "„{}“ bewegt sich {} so weit: Höchstens {} % eines Bildes sind unbekannt"
    ),
    "'{}' is safe as it is: at most {}% of a frame is unknown": (
        "„{}“ ist sicher, wie sie ist: Höchstens {} % eines Bildes sind unbekannt"
    ),
    "Built {} layers, {} points": "{} Ebenen erstellt, {} Punkte",
    "{} was cancelled": "{} wurde abgebrochen",
    "Undo changed the scene meanwhile. Run it again.": (
        "Rückgängig hat die Szene inzwischen geändert. Es noch einmal starten."
    ),
    "Unexpected {}: {}": "Unerwarteter {}: {}",
}

_STAGES: dict[str, str] = {
    "starting": "startet",
    "showing the points": "zeigt die Punkte",
    "reading the points": "liest die Punkte",
    "checking the points": "prüft die Punkte",
    "writing the points": "schreibt die Punkte",
    "following the camera": "folgt der Kamera",
    "saving a copy": "speichert eine Kopie",
    "packing": "packt",
    "unpacking": "entpackt",
    "reading the motion": "liest die Bewegung",
    "showing the motion": "zeigt die Bewegung",
    "reading the frame": "liest das Bild",
    "checking": "prüft",
    "counting": "zählt",
    "depth": "Tiefe",
    "done": "fertig",
    "drawing": "zeichnet",
    "encode": "schreibt das Video",
    "finishing": "schließt ab",
    "frames": "Bilder",
    "inpainting": "füllt Verdecktes",
    "layers": "Ebenen",
    "loading the scene": "lädt die Szene",
    "motion": "Bewegung",
    "points": "Punkte",
    "reading the drawing": "liest die Zeichnung",
    "reading the photo": "liest das Foto",
    "rendering": "rendert",
    "writing": "schreibt",
    "{} left": "noch {}",
    "Esc to cancel": "Esc bricht ab",
}

TEXTS: dict[str, str] = _PROBLEMS | _NOTICES | _LAYERS | _RENDERING | _ENDINGS | _STAGES
