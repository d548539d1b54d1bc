"""The German interface is complete: every text of the add-on's panels, buttons, tooltips, and messages has its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

from ml_backend import camera_paths

_KEYWORDS = {"name", "description", "text", "heading"}
_DECLARED = {"bl_label", "bl_description"}
_SHOWN = {  # which argument is a message
    "Problem": 0,
    "Notice": 1,
    "Remedy": 1,
    "Seam": 1,
    "MaskSource": 1,
    "report": 1,
    "_fail": 0,
    "shown": 0,
    "draw_text": 2,
    "Step": 0,
    "ThreadJob": 0,
    "_draw_frame": 2,
    "_end": 2,
}
_SAYING = {"work", "arrow_source", "size_warning", "_remedy", "_see_log"}  # functions that return a message
_MESSAGES = {
    "message",
    "more",
    "left_out",
    "shape",
    "size",
    "text",
    "_STAGE",
    "_WORDS",
}  # variables that hold one, or a part of one
_ROOT = Path(__file__).resolve().parents[2]
_ADDON = _ROOT / "cinemagraph_addon"


def _german(*, messages: bool = True) -> dict[str, str]:
    """Read as text: the package needs Blender."""
    found: dict[str, str] = {}
    for file in sorted((_ADDON / "translations" / "german").glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            is_table = isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
            if is_table and (messages or file.stem != "messages"):
                found |= ast.literal_eval(node.value)
    return found


def test_every_text_has_a_german_one() -> None:
    assert sorted(interface_texts() - _german().keys()) == []


def test_every_message_has_a_german_one() -> None:
    assert sorted(message_texts() - _german().keys()) == []


def test_every_stage_of_the_backend_has_a_german_one() -> None:
    assert sorted(backend_stages() - _german().keys()) == []


def test_german_messages_keep_their_gaps() -> None:
    assert [english for english, text in _german().items() if english.count("{}") != text.count("{}")] == []


def test_no_german_text_is_left_over() -> None:
    assert sorted(_german().keys() - interface_texts() - message_texts() - backend_stages()) == []


def test_no_german_text_is_empty() -> None:
    assert [english for english, text in _german().items() if not text.strip()] == []


def test_tooltips_end_without_a_full_stop() -> None:
    assert [text for text in _german(messages=False).values() if text.endswith(".")] == []


def interface_texts() -> set[str]:
    """Labels, tooltips, and hints of greyed buttons. Texts put together at run time are not among them."""
    found: set[str] = set()
    for file in sorted(_ADDON.rglob("*.py")):
        if "translations" not in file.parts:
            found.update(_texts(ast.parse(file.read_text(encoding="utf-8"))))
    found.update(camera_paths.LABELS.values(), camera_paths.EASE_LABELS.values())
    return {text for text in found if any(letter.isalpha() for letter in text)}


def message_texts() -> set[str]:
    """Templates of messages: literals, and f-strings with gaps, where they are raised, told, or shown."""
    found: set[str] = set()
    for file in sorted(_ADDON.rglob("*.py")):
        if "translations" not in file.parts:
            found.update(_messages(ast.parse(file.read_text(encoding="utf-8"))))
    return {text for text in found if any(letter.isalpha() for letter in text.replace("{}", ""))}


def backend_stages() -> set[str]:
    """Stages that the backend reports while it works for Blender; names and numbers in them stay English."""
    found: set[str] = set()
    for file in sorted((_ROOT / "ml_backend").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) == "progress" and node.args:
                found.update(_literal(node.args[0]))
    return found


def _messages(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=function, args=args, keywords=keywords):
                place = _SHOWN.get(_name(function))
                if place is not None:
                    yield from (text for argument in args[place : place + 1] for text in _templates(argument))
                if _name(function) == "shown":
                    yield from (text for argument in args for text in _templates(argument))
                yield from (text for keyword in keywords if keyword.arg == "hint" for text in _templates(keyword.value))
            case ast.FunctionDef(name=name) if name in _SAYING:
                returns = (part for part in ast.walk(node) if isinstance(part, ast.Return) and part.value is not None)
                yield from (text for part in returns for text in _templates(part.value))
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _MESSAGES:
                yield from _templates(value)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _templates(node: ast.expr) -> Iterator[str]:
    """Of a literal, an f-string, or several of them in a table or by a condition."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _templates(node.body)
        yield from _templates(node.orelse)
    elif isinstance(node, ast.Dict | ast.BoolOp):
        yield from (text for value in node.values for text in _templates(value))
    else:
        yield from _literal(node)


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
