"""German texts of the backend and the preferences."""

TEXTS: dict[str, str] = {
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
