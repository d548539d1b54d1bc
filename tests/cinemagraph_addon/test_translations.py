"""The German interface is complete: every text of the add-on's panels, buttons, and tooltips has its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

from ml_backend import camera_paths

_KEYWORDS = {"name", "description", "text", "heading"}
_DECLARED = {"bl_label", "bl_description"}
_ADDON = Path(__file__).resolve().parents[2] / "cinemagraph_addon"


def _german() -> dict[str, str]:
    """Read as text: the package needs Blender."""
    found: dict[str, str] = {}
    for file in sorted((_ADDON / "translations" / "german").glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
                found |= ast.literal_eval(node.value)
    return found


def test_every_text_has_a_german_one() -> None:
    assert sorted(interface_texts() - _german().keys()) == []


def test_no_german_text_is_left_over() -> None:
    assert sorted(_german().keys() - interface_texts()) == []


def test_no_german_text_is_empty() -> None:
    assert [english for english, text in _german().items() if not text.strip()] == []


def test_tooltips_end_without_a_full_stop() -> None:
    assert [text for text in _german().values() if text.endswith(".")] == []


def interface_texts() -> set[str]:
    """Labels, tooltips, and hints of greyed buttons. Texts put together at run time are not among them."""
    found: set[str] = set()
    for file in sorted(_ADDON.rglob("*.py")):
        if "translations" not in file.parts:
            found.update(_texts(ast.parse(file.read_text(encoding="utf-8"))))
    found.update(camera_paths.LABELS.values(), camera_paths.EASE_LABELS.values())
    return {text for text in found if any(letter.isalpha() for letter in text)}


def _texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _of_class(node)
        elif isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Dict):
            yield from _of_keywords(node)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    if "_OT_" in node.name and (tooltip := ast.get_docstring(node)):
        yield tooltip
    for statement in node.body:
        if isinstance(statement, ast.Assign) and any(getattr(t, "id", "") in _DECLARED for t in statement.targets):
            yield from _literal(statement.value)


def _of_call(node: ast.Call) -> Iterator[str]:
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    is_property = function.endswith("Property")
    if function == "poll_message_set" and node.args:
        yield from _literal(node.args[0])
    for keyword in node.keywords:
        if is_property and keyword.arg == "items":
            yield from _of_items(keyword.value)
        elif keyword.arg in _KEYWORDS and (is_property or keyword.arg in {"text", "heading"}):
            yield from _literal(keyword.value)


def _of_keywords(node: ast.Dict) -> Iterator[str]:
    """Keywords of a property that an operator and a panel share: `{"name": "Path", "description": ...}`."""
    by_key = {
        key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
    }
    if "description" in by_key:
        for key in ("name", "description"):
            yield from _literal(by_key.get(key, node))
        yield from _of_items(by_key.get("items", node))


def _of_items(node: ast.expr) -> Iterator[str]:
    for item in ast.walk(node):
        if isinstance(item, ast.Tuple) and len(item.elts) >= 3:
            for element in item.elts[1:3]:
                yield from _literal(element)


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literal(node.body)
        yield from _literal(node.orelse)
