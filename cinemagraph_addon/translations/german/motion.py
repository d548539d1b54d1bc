"""German texts of the panel Motion."""

TEXTS: dict[str, str] = {
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
    "0 follows every arrow exactly; more lets neighboring arrows give way to each other": (
        "0 folgt jedem Pfeil genau; mehr lässt benachbarte Pfeile einander nachgeben"
    ),
    "A point inside the region, from 0 to 1 from the lower left corner": (
        "Ein Punkt im Bereich, von 0 bis 1 ab der linken unteren Ecke"
    ),
    "Active Arrow": "Aktiver Pfeil",
    "Active Region": "Aktiver Bereich",
    "Add Arrow": "Pfeil hinzufügen",
    "Add an arrow in the middle of the photo": "Einen Pfeil in der Mitte des Fotos hinzufügen",
    "Arrow to edit": "Pfeil, der bearbeitet wird",
    "Arrows from Annotations": "Pfeile aus Anmerkungen",
    "Arrows from Objects": "Pfeile aus Objekten",
    "Build Scene uses them": "Szene erstellen verwendet sie",
    "Build the scene first; it uses the mask and the arrows too": (
        "Zuerst die Szene erstellen; sie verwendet Maske und Pfeile auch"
    ),
    "Built From": "Erstellt aus",
    "Change the whole mask at once": "Die ganze Maske auf einmal ändern",
    "Choose an arrow in the list": "Einen Pfeil in der Liste wählen",
    "Clear": "Leeren",
    "Clear Arrows": "Pfeile leeren",
    "Direction": "Richtung",
    "Done": "Fertig",
    "Draw Arrows": "Pfeile zeichnen",
    "Draw arrows on the photo: drag a line along the flow, as far as it gets in 50 frames": (
        "Pfeile auf das Foto zeichnen: eine Linie mit der Strömung ziehen, so weit sie in 50 Bildern kommt"
    ),
    "Edges become soft slopes as wide as the radius": "Kanten werden weiche Übergänge in der Breite des Radius",
    "Enabled": "Aktiviert",
    "End": "Ende",
    "End painting and give the Image Editor's area back": (
        "Das Malen beenden und den Bereich des Bildeditors zurückgeben"
    ),
    "Erase": "Radieren",
    "Estimate Motion": "Bewegung schätzen",
    "Feather": "Weichzeichnen",
    "Fill": "Füllen",
    "Filter": "Filter",
    "Filter Mask": "Maske filtern",
    "Flip Arrow": "Pfeil umdrehen",
    "Flow Image": "Flussbild",
    "Freeze Mask": "Stillstandsmaske",
    "From Files": "Aus Dateien",
    "Grow": "Vergrößern",
    "Grows with each filter of a mask": "Wächst mit jedem Filtern einer Maske",
    "Guess Mask and Arrows": "Maske und Pfeile raten",
    "Guess Motion": "Bewegung raten",
    "How far Grow, Shrink, and Feather reach": "Wie weit Vergrößern, Verkleinern und Weichzeichnen reichen",
    "How strongly the mask tints the photo": "Wie stark die Maske das Foto tönt",
    "Image painted in Blender: what is white stands still whatever the mask says": (
        "In Blender gemaltes Bild: Weißes steht still, was auch immer die Maske sagt"
    ),
    "Image painted in Blender: white moves, black stands still, grey moves slower": (
        "In Blender gemaltes Bild: Weiß bewegt sich, Schwarz steht still, Grau bewegt sich langsamer"
    ),
    "Invert": "Umkehren",
    "Let the chosen arrow point the other way": "Den gewählten Pfeil in die andere Richtung zeigen lassen",
    "Look for water and clouds in the photo, and make a mask and arrows of it to work on": (
        "Wasser und Wolken im Foto suchen und daraus Maske und Pfeile zum Weiterarbeiten machen"
    ),
    "Mean speed in pixels per frame when it was estimated": (
        "Mittlere Geschwindigkeit in Pixeln pro Bild bei der Schätzung"
    ),
    "Paint Freeze Mask": "Stillstandsmaske malen",
    "Paint Mask": "Maske malen",
    "Paint everything black": "Alles schwarz malen",
    "Paint everything white": "Alles weiß malen",
    "Paint what must stand still whatever the mask says, such as rocks and boats in the water": (
        "Malen, was stillstehen muss, was auch immer die Maske sagt, etwa Felsen und Boote im Wasser"
    ),
    "Paint where the photo moves: white moves, black stands still. Begins with the mask in use, or with a guess": (
        "Malen, wo sich das Foto bewegt: Weiß ja, Schwarz nein. Beginnt mit der Maske in Gebrauch oder geraten"
    ),
    "Painted Mask": "Gemalte Maske",
    "Photo Image": "Fotobild",
    "Photo Size": "Größe des Fotos",
    "Photo Source": "Quelle des Fotos",
    "Photo Under Mask": "Foto unter der Maske",
    "Pixels per frame at the photo's working size": "Pixel pro Bild in der Arbeitsgröße des Fotos",
    "Place": "Ort",
    "Press Draw Arrows, and draw a line with the Annotate tool on the photo": (
        "Pfeile zeichnen drücken und mit dem Anmerkungswerkzeug eine Linie auf das Foto ziehen"
    ),
    "Press Estimate Motion first": "Zuerst Bewegung schätzen drücken",
    "Press Paint Mask first": "Zuerst Maske malen drücken",
    "Radius": "Radius",
    "Region to edit": "Bereich, der bearbeitet wird",
    "Regions": "Bereiche",
    "Remove Arrow": "Pfeil entfernen",
    "Remove Mask": "Maske entfernen",
    "Remove all arrows": "Alle Pfeile entfernen",
    "Remove the chosen arrow": "Den gewählten Pfeil entfernen",
    "Remove the painted mask; the mask file or the guess is used again": (
        "Die gemalte Maske entfernen; die Maskendatei oder das Geratene gilt wieder"
    ),
    "Replace Arrows": "Pfeile ersetzen",
    "Revision": "Revision",
    "Select empties (Single Arrow is the clearest) or curves that point along the flow": (
        "Leere (am klarsten: Einzelpfeil) oder Kurven auswählen, die mit der Strömung zeigen"
    ),
    "Share": "Anteil",
    "Share of the photo": "Anteil am Foto",
    "Show Arrows": "Pfeile zeigen",
    "Show Flow": "Fluss zeigen",
    "Show the arrows in the Image Editor and in the view through the photo's camera": (
        "Die Pfeile im Bildeditor und in der Ansicht durch die Kamera des Fotos zeigen"
    ),
    "Show the motion as colors in an Image Editor: the hue is the direction, white stands still": (
        "Die Bewegung als Farben im Bildeditor zeigen: der Farbton ist die Richtung, Weiß steht still"
    ),
    "Show the photo under the mask in the Image Editor, tinted where it moves": (
        "Das Foto im Bildeditor unter der Maske zeigen, getönt, wo es sich bewegt"
    ),
    "Shrink": "Verkleinern",
    "Smoothing": "Glättung",
    "Speed of Regions": "Geschwindigkeit der Bereiche",
    "Speed of this region alone; used by the next estimate": (
        "Geschwindigkeit nur dieses Bereichs; gilt ab der nächsten Schätzung"
    ),
    "Switch the brush between painting and erasing": "Den Pinsel zwischen Malen und Radieren umschalten",
    "Take the guessed arrows even where there are some": "Die geratenen Pfeile nehmen, auch wenn es schon welche gibt",
    "The motion as colors: the hue is the direction, white stands still": (
        "Die Bewegung als Farben: der Farbton ist die Richtung, Weiß steht still"
    ),
    "The photo at its working size, to paint and draw on": (
        "Das Foto in Arbeitsgröße, um darauf zu malen und zu zeichnen"
    ),
    "Tint": "Tönung",
    "Turn selected empties and curves into arrows, as seen from the photo's camera": (
        "Ausgewählte Leere und Kurven in Pfeile verwandeln, von der Kamera des Fotos aus gesehen"
    ),
    "Turn the annotation strokes in the Image Editor into arrows of the list": (
        "Die Anmerkungsstriche im Bildeditor in Pfeile der Liste verwandeln"
    ),
    "Use this arrow": "Diesen Pfeil verwenden",
    "What Photo Image shows": "Was das Fotobild zeigt",
    "What moved stands still, and the reverse": "Was sich bewegte, steht still, und umgekehrt",
    "What the scene was built from": "Woraus die Szene erstellt wurde",
    "What to do with the mask": "Was mit der Maske geschieht",
    "Where it flows: 0 is to the right, 90 degrees up": "Wohin es fließt: 0 ist nach rechts, 90 Grad nach oben",
    "Where it moves": "Wo es sich bewegt",
    "Where it stands still": "Wo es stillsteht",
    "Where on the photo the arrow starts, from 0 to 1 from the lower left corner": (
        "Wo auf dem Foto der Pfeil beginnt, von 0 bis 1 ab der linken unteren Ecke"
    ),
    "Where what is at the start is 50 frames later": "Wo das, was am Start ist, 50 Bilder später ist",
    "Which mask to remove": "Welche Maske entfernt wird",
    "White grows by the radius": "Weiß wächst um den Radius",
    "White shrinks by the radius": "Weiß schrumpft um den Radius",
    "Without a mask, look for water and clouds in the photo; a rough first guess": (
        "Ohne Maske Wasser und Wolken im Foto suchen; eine grobe erste Vermutung"
    ),
    "Work out how everything flows from the mask, the arrows, and the speeds, and show it in the preview": (
        "Aus Maske, Pfeilen und Geschwindigkeiten berechnen, wie alles fließt, und es in der Vorschau zeigen"
    ),
}
