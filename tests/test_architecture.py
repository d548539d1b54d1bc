"""The import table, the sizes, and the manners of the code, read from its syntax trees; nothing is imported."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

# Levels of ml_backend: a module imports modules of lower levels. A name that ends in "/" is a whole package, whose
# files may import each other; the files of other packages have levels of their own.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("__init__", "protocol", "camera_paths", "errors"),  # standard library only
    ("camera", "atomic_file", "memory", "conv_block", "filtering", "layer_filters"),
    ("structures", "device"),
    ("pose",),
    ("photos/color",),
    ("photos/formats",),
    ("photos/fields",),
    ("photos/media",),
    ("frames/",),
    ("weights/",),
    ("depth/", "ldi/", "motion/", "points/", "animation/", "rendering/"),
    ("models", "unseen_fluid"),
    ("loop",),
    ("authors/",),
    ("pipeline", "scene/preview_flow"),
    ("service/pose_files", "service/view_coverage"),
    ("scene/drawing", "scene/contact_sheet", "scene/region_report"),
    ("scene/warnings",),
    ("scene/motion",),
    ("scene/folder",),
    ("evaluation/",),
    ("training/",),
    ("export",),
    ("service/motion_jobs",),
    ("service/jobs",),
    ("doctor",),
    ("commands/",),
    ("service/server",),
    ("cli",),
    ("__main__",),
)
STANDARD_LIBRARY_LEVEL = 0
WHOLE_PACKAGES = {name.removesuffix("/") for names in LEVELS for name in names if name.endswith("/")}
WITHOUT_BPY = (
    "cinemagraph_addon/coordinates.py",
    "cinemagraph_addon/color.py",
    "cinemagraph_addon/mask_filters.py",
    "cinemagraph_addon/message_templates.py",
    "cinemagraph_addon/bridge/",
)
SHARED_WITH_BLENDER = {"protocol", "camera_paths"}
MAY_PRINT = ("ml_backend/cli.py", "cinemagraph_addon/command_line.py", "build.py", "tools/", "examples/")
# numpy comes with Blender; everything else that the add-on imports is Blender's own or the standard library.
BLENDER_MODULES = {
    "bpy",
    "bpy_extras",
    "bl_operators",
    "bl_ui",
    "mathutils",
    "gpu",
    "gpu_extras",
    "addon_utils",
    "blf",
    "numpy",
}


@dataclass(frozen=True)
class Import:
    """`module` is absolute; relative imports are resolved against the project's root."""

    module: str
    line: int


def python_files(*folders: str) -> list[str]:
    """The paths of all Python files in these folders, from the root, with forward slashes."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts]


BACKEND = python_files("ml_backend")
ADDON = python_files("cinemagraph_addon")
TOOLS = python_files("tools")
SOURCES = ["__init__.py", "build.py", *BACKEND, *ADDON, *TOOLS, *python_files("examples")]
TESTS = python_files("tests")
BACKEND_PACKAGES = [file for file in BACKEND if file.count("/") == 2 and file.endswith("/__init__.py")]
BACKEND_MODULES = [file for file in BACKEND if file not in BACKEND_PACKAGES]


def parse(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), file)


def imports(file: str) -> Iterator[Import]:
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                base = _absolute(file, node)
                # `from package import module` imports the module.
                is_module = (ROOT / base.replace(".", "/") / f"{alias.name}.py").is_file()
                is_package = (ROOT / base.replace(".", "/") / alias.name / "__init__.py").is_file()
                yield Import(f"{base}.{alias.name}".strip(".") if is_module or is_package else base, node.lineno)


def _absolute(file: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = list(Path(file).parent.parts)
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def level_of(module: str) -> int:
    """The level of `ml_backend.x.y`: that of x/y, of all of x/, or of x where that is a file."""
    parts = module.split(".")[1:] or ["__init__"]
    names = {"/".join(parts[:2]), f"{parts[0]}/"}
    for level, level_names in enumerate(LEVELS):
        if names & set(level_names):
            return level
    raise AssertionError(f"{module}: give it a level in tests/test_architecture.py")


def is_one_package(module: str, other: str) -> bool:
    """Whether both are of one package that has its level as a whole."""
    return module.split(".")[1:2] == other.split(".")[1:2] and module.split(".")[1] in WHOLE_PACKAGES


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def functions(file: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(parse(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("file", BACKEND_MODULES)
def test_backend_imports_downwards_only(file: str) -> None:
    module = module_of(file)
    wrong = [
        f"line {i.line}: {i.module}"
        for i in imports(file)
        if i.module.startswith("ml_backend.")
        and not is_one_package(module, i.module)
        and level_of(i.module) >= level_of(module)
    ]

    assert wrong == []


@pytest.mark.parametrize("file", BACKEND_PACKAGES)
def test_packages_of_the_backend_hold_a_docstring_and_nothing_else(file: str) -> None:
    assert ast.get_docstring(parse(file))
    assert len(parse(file).body) == 1


@pytest.mark.parametrize("file", [f for f in BACKEND_MODULES if level_of(module_of(f)) == STANDARD_LIBRARY_LEVEL])
def test_lowest_level_needs_only_the_standard_library(file: str) -> None:
    foreign = {i.module for i in imports(file) if i.module.split(".")[0] not in sys.stdlib_module_names}

    assert foreign == set()


@pytest.mark.parametrize("file", BACKEND)
def test_backend_knows_nothing_of_blender(file: str) -> None:
    assert not [i for i in imports(file) if i.module.split(".")[0] in {"bpy", "mathutils", "cinemagraph_addon"}]


@pytest.mark.parametrize("file", ADDON)
def test_addon_imports_nothing_that_blender_lacks(file: str) -> None:
    known = sys.stdlib_module_names | BLENDER_MODULES | {"cinemagraph_addon", "ml_backend"}
    foreign = {i.module for i in imports(file) if i.module.split(".")[0] not in known}

    assert foreign == set()


@pytest.mark.parametrize("file", ADDON)
def test_addon_shares_only_protocol_and_camera_paths_with_the_backend(file: str) -> None:
    shared = {i.module.split(".")[1] for i in imports(file) if i.module.startswith("ml_backend.")}

    assert shared <= SHARED_WITH_BLENDER


@pytest.mark.parametrize("file", ADDON)
def test_addon_imports_its_own_modules_relatively(file: str) -> None:
    # Blender loads it as bl_ext.<repository>.cinemagraph, so an absolute name of ours does not exist there.
    absolute = [
        node.lineno
        for node in ast.walk(parse(file))
        if isinstance(node, ast.ImportFrom)
        and not node.level
        and (node.module or "").split(".")[0] in {"cinemagraph_addon", "ml_backend"}
    ]

    assert absolute == []


@pytest.mark.parametrize("file", [f for f in ADDON if f.startswith(WITHOUT_BPY)])
def test_bridge_and_conversions_work_without_blender(file: str) -> None:
    assert not [i for i in imports(file) if i.module.split(".")[0] in BLENDER_MODULES - {"numpy"}]


@pytest.mark.parametrize("file", [f for f in ADDON if f.startswith("cinemagraph_addon/bridge/")])
def test_bridge_does_not_reach_up_into_the_addon(file: str) -> None:
    allowed = ("cinemagraph_addon.bridge", "cinemagraph_addon.coordinates", "cinemagraph_addon.color")
    upwards = [
        i for i in imports(file) if i.module.startswith("cinemagraph_addon.") and not i.module.startswith(allowed)
    ]

    assert upwards == []


def test_entry_of_the_extension_imports_nothing_at_module_level() -> None:
    at_module_level = [node for node in parse("__init__.py").body if isinstance(node, ast.Import | ast.ImportFrom)]

    assert at_module_level == []


@pytest.mark.parametrize("file", ["build.py", *TOOLS])
def test_build_script_runs_on_a_bare_python(file: str) -> None:
    foreign = {i.module for i in imports(file) if i.module.split(".")[0] not in {*sys.stdlib_module_names, "tools"}}

    assert foreign <= {"ml_backend.camera_paths"}


# Tables of translations are as long as the interface is large.
@pytest.mark.parametrize("file", [f for f in SOURCES if "/translations/" not in f])
def test_file_is_not_too_long(file: str) -> None:
    assert len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("file", SOURCES)
def test_functions_are_short(file: str) -> None:
    lengths = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions(file)}

    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


@pytest.mark.parametrize("file", [*SOURCES, *TESTS])
def test_functions_are_annotated(file: str) -> None:
    bare = [f"line {f.lineno}: {f.name}" for f in functions(file) if not _is_annotated(f)]

    assert bare == []


@pytest.mark.parametrize("file", [*SOURCES, *TESTS])
def test_no_bare_except(file: str) -> None:
    bare = [node.lineno for node in ast.walk(parse(file)) if isinstance(node, ast.ExceptHandler) and node.type is None]

    assert bare == []


@pytest.mark.parametrize("file", [f for f in SOURCES if not f.startswith(MAY_PRINT)])
def test_only_the_command_line_prints(file: str) -> None:
    prints = [
        node.lineno
        for node in ast.walk(parse(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert prints == []


@pytest.mark.parametrize("file", [f for f in SOURCES if Path(f).stem != "__init__"])
def test_file_says_what_it_is(file: str) -> None:
    assert ast.get_docstring(parse(file))


def _is_annotated(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    is_annotated = all(a.annotation is not None for a in named if a.arg not in {"self", "cls"})
    return is_annotated and function.returns is not None
