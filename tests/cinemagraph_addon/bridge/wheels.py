"""Tiny wheels and a tiny backend, so that installing can be tried for real, without a network, in seconds."""

import zipfile
from pathlib import Path

_DOCTOR = '''"""Stands for the real backend: says what its doctor would."""

import json
import sys

assert sys.argv[1:] == ["doctor", "--json"], sys.argv
checks = [{"name": "torch", "status": "ok", "found": "1", "mend": ""}]
try:
    import torch
    import tiny
except ImportError as error:
    checks = [{"name": error.name, "status": "fail", "found": str(error), "mend": ""}]
print(json.dumps({"result": {"is_healthy": True, "checks": checks}}))
'''


def make_wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel with one empty package."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"]))
    return path


def make_extension(root: Path, *packages: str) -> Path:
    """An extension's folder that pins these packages and has a backend that needs `torch` and `tiny`."""
    (root / "ml_backend").mkdir(parents=True, exist_ok=True)
    (root / "ml_backend" / "__main__.py").write_text(_DOCTOR)
    pin_packages(root, *packages)
    return root


def pin_packages(root: Path, *packages: str) -> None:
    """Write the extension's pyproject.toml."""
    pins = ", ".join(f'"{package}"' for package in packages)
    (root / "pyproject.toml").write_text(
        f'[project]\ndependencies = [{pins}]\n[project.optional-dependencies]\ndepth = []\ninstaller = ["pip==1"]\n'
    )
