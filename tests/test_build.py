"""build.py and the zip that it makes: what is inside, and whether Blender's own tool accepts it."""

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

import build
import ml_backend
from tools import extension
from tools.blender_versions import OTHER_VERSIONS, BlenderVersion, choose_versions, requirements
from tools.demo import CHINA_CREDIT
from tools.environment import missing_apt_packages, pinned_requirements
from tools.extension import find_extension_tool, make_package, make_repository
from tools.project import BuildError, read_toml

ROOT = Path(__file__).resolve().parents[1]
SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
needs_blender = pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_package(SITE_PACKAGES, tmp_path_factory.mktemp("dist"))


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as file:
        return file.namelist()


@needs_blender
def test_zip_is_named_after_id_and_version(archive: Path) -> None:
    assert archive.name == f"cinemagraph-{ml_backend.__version__}.zip"


@needs_blender
@pytest.mark.parametrize(
    "name",
    [
        "__init__.py",
        "blender_manifest.toml",
        "LICENSE",
        "pyproject.toml",
        "cinemagraph_addon/__init__.py",
        "cinemagraph_addon/render_engine.py",
        "ml_backend/__main__.py",
        "ml_backend/protocol.py",
        "ml_backend/pipeline.py",
    ],
)
def test_zip_has_what_it_needs_to_run(archive: Path, name: str) -> None:
    assert name in names(archive)


@needs_blender
def test_zip_has_every_source_file_of_both_sides(archive: Path) -> None:
    sources = {
        p.relative_to(ROOT).as_posix()
        for side in ("ml_backend", "cinemagraph_addon")
        for p in (ROOT / side).rglob("*.py")
    }

    assert sources <= set(names(archive))


@needs_blender
@pytest.mark.parametrize(
    "unwanted", ["tests/", ".git", ".venv", "__pycache__", ".ci/", "demo/", "dist/", "examples/", "tools/"]
)
def test_zip_has_nothing_for_developers(archive: Path, unwanted: str) -> None:
    assert [name for name in names(archive) if name.startswith(unwanted) or f"/{unwanted}" in name] == []


@needs_blender
def test_zip_has_no_build_script(archive: Path) -> None:
    assert "build.py" not in names(archive)


@needs_blender
def test_zip_is_small_enough_to_mail(archive: Path) -> None:
    assert archive.stat().st_size < 20 * 2**20


@needs_blender
def test_blender_validates_the_zip(archive: Path) -> None:
    tool = find_extension_tool(SITE_PACKAGES)
    done = subprocess.run([sys.executable, tool, "validate", archive], capture_output=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout


@needs_blender
def test_nothing_but_the_zip_is_left(archive: Path) -> None:
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


@needs_blender
def test_extension_without_its_entry_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "blender_manifest.toml", tmp_path)
    monkeypatch.setattr(extension, "ROOT", tmp_path)

    with pytest.raises(BuildError, match="extension failed"):
        make_package(SITE_PACKAGES, tmp_path / "dist")
    assert list((tmp_path / "dist").glob("cinemagraph*")) == []


@pytest.fixture(scope="module")
def repository_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_repository(SITE_PACKAGES, tmp_path_factory.mktemp("dist") / "repository")


@needs_blender
def test_repository_offers_this_version(repository_index: Path) -> None:
    offered = json.loads(repository_index.read_text(encoding="utf-8"))["data"]

    assert [(entry["id"], entry["version"]) for entry in offered] == [("cinemagraph", ml_backend.__version__)]


@needs_blender
def test_repository_knows_the_hash_of_its_zip(repository_index: Path) -> None:
    entry = json.loads(repository_index.read_text(encoding="utf-8"))["data"][0]
    archive = repository_index.parent / entry["archive_url"]

    assert entry["archive_hash"] == f"sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}"


@needs_blender
def test_repository_drops_what_was_there_before(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "cinemagraph-0.0.1.zip").touch()
    make_repository(SITE_PACKAGES, folder)

    assert {path.name for path in folder.iterdir()} == {
        "index.json",
        "index.html",
        f"cinemagraph-{ml_backend.__version__}.zip",
    }


def test_python_without_blender_says_so(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no Blender"):
        find_extension_tool(tmp_path)


def test_manifest_and_backend_have_one_version() -> None:
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))

    assert manifest["version"] == ml_backend.__version__


def test_addon_and_backend_have_one_version() -> None:
    source = (ROOT / "cinemagraph_addon" / "backend_environment.py").read_text(encoding="utf-8")

    assert f'ADDON_VERSION = "{ml_backend.__version__}"' in source


def test_changelog_knows_this_version() -> None:
    assert f"## {ml_backend.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_requirements_are_those_of_the_named_groups() -> None:
    project = {"dependencies": ["torch==1"], "optional-dependencies": {"demo": ["b==2"], "test": ["c==3"]}}

    assert pinned_requirements(project, ("dependencies", "test")) == ["torch==1", "c==3"]


def test_requirements_are_not_named_twice() -> None:
    project = {"dependencies": ["a==1"], "optional-dependencies": {"demo": ["b==2"], "test": ["b==2", "a==1"]}}

    assert pinned_requirements(project, ("dependencies", "demo", "test")) == ["a==1", "b==2"]


def test_every_blender_is_pinned() -> None:
    project = read_toml(ROOT / "pyproject.toml")["project"]
    pins = [r for version in OTHER_VERSIONS for r in pinned_requirements(project, (version.extra,))]

    assert [pin.startswith(f"bpy=={version.name}.") for pin, version in zip(pins, OTHER_VERSIONS, strict=True)]


@pytest.mark.parametrize("version", OTHER_VERSIONS, ids=lambda version: version.name)
def test_other_blenders_do_without_torch(version: BlenderVersion) -> None:
    assert not [r for r in requirements(version) if r.startswith("torch")]


@pytest.mark.parametrize("version", OTHER_VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("package", ["bpy", "numpy", "pillow", "OpenEXR", "pytest"])
def test_other_blenders_have_what_the_tests_import(version: BlenderVersion, package: str) -> None:
    assert [r for r in requirements(version) if r.startswith(package)]


def test_versions_of_blender_are_listed_with_commas() -> None:
    assert choose_versions("4.5,5.0,4.5") == ["4.5", "5.0"]


def test_newest_blender_is_one_that_is_not_the_usual_one() -> None:
    assert choose_versions("newest") in (["5.2"], ["5.0"])


def test_an_unknown_blender_is_refused() -> None:
    with pytest.raises(ValueError, match=r"choose 4\.2, 4\.5, 5\.0, 5\.2"):
        choose_versions("3.6")


def test_missing_libraries_are_named_by_their_apt_packages() -> None:
    ldd = (
        "\tlibX11.so.6 => not found\n"
        "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f0000000000)\n"
        "\tlibSM.so.6 => not found\n"
        "\tlibodd.so.9 => not found\n"
        "\tlibX11.so.6 => not found\n"
    )

    assert missing_apt_packages(ldd) == ["libodd.so.9", "libsm6", "libx11-6"]


def test_complete_system_misses_nothing() -> None:
    assert missing_apt_packages("\tlibm.so.6 => /lib/libm.so.6 (0x0)\n\tlinux-vdso.so.1 (0x1)\n") == []


def test_demo_refuses_a_photo_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build.main(["demo", "--photo", "no-such-photo.jpg"])
    assert "there is no file no-such-photo.jpg" in capsys.readouterr().err


def test_demo_refuses_an_unknown_camera(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build.main(["demo", "--camera", "loop"])
    assert "dolly-zoom" in capsys.readouterr().err


def test_credit_of_the_demo_photo_names_author_source_and_licence() -> None:
    assert all(word in CHINA_CREDIT for word in ("danielbuechele", "flickr.com", "CC BY 2.0", "scikit-learn"))
