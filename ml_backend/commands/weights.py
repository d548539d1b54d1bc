"""`weights`: which trained networks there are, and to fetch, import, check, remove, and average them."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ml_backend.commands.command import Command, OpenBar, Outcome
from ml_backend.errors import BadInput
from ml_backend.weights import catalog
from ml_backend.weights.catalog import WeightSpec, find
from ml_backend.weights.location import VARIABLE, weights_folder

ACTIONS = ("list", "info", "fetch", "import", "remove", "verify", "average")

_EXAMPLES = """\
examples:
  python -m ml_backend weights list
  python -m ml_backend weights info depth-anything-v2-small
  python -m ml_backend weights fetch depth-anything-v2-small --accept
  python -m ml_backend weights import dpt-hybrid ~/Downloads/dpt_hybrid-midas-501f0c75.pt
  python -m ml_backend weights import 3d-photo /media/stick/weights
  python -m ml_backend weights verify
  python -m ml_backend weights average first.safetensors second.safetensors --share 0.65 -o depth.safetensors
"""


@dataclass(frozen=True, slots=True)
class WeightsRow:
    """One row of the catalog and whether it is installed; sizes in bytes, None where unknown."""

    name: str
    role: str
    summary: str
    licence: str
    source: str
    revision: str
    size: int | None
    is_fetchable: bool
    is_installed: bool
    files: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class AverageReport:
    """The file that holds the mean of two."""

    output: str


@dataclass(frozen=True, slots=True)
class WeightsReport:
    """The folder of the weights and the rows that the command was about."""

    folder: str
    weights: list[WeightsRow]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which weights."""
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="which weights; for import: NAME, then files or folder; for average: two files",
    )
    parser.add_argument("--accept", action="store_true", help="fetch: I accept the licence that info shows")
    parser.add_argument("--folder", type=Path, metavar="DIR", help=f"where weights lie (default: ${VARIABLE})")
    parser.add_argument("--share", type=float, default=0.5, help="average: of the second file (default: 0.5)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="average: the file to write")


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Do it."""
    root = options.folder or weights_folder()
    match options.action:
        case "import":
            return _import(options.names, root, open_bar)
        case "average":
            return _average(options.names, options.share, options.output)
        case "list" | "verify" if not options.names:
            specs = list(catalog.CATALOG)
        case _:
            specs = [find(name) for name in options.names]
    if not specs:
        raise BadInput(f"`weights {options.action}` needs a name.", hint="`weights list` shows all names.")
    match options.action:
        case "fetch":
            return _fetch(specs, root, open_bar, accepted=options.accept)
        case "remove":
            return _remove(specs, root)
        case "verify":
            return _verify(specs, root, named=bool(options.names))
    is_info = options.action == "info"
    text = "\n\n".join(_card(spec, root) for spec in specs) if is_info else _table(specs, root)
    return Outcome(_report(specs, root), text)


def _fetch(specs: list[WeightSpec], root: Path, open_bar: OpenBar, *, accepted: bool) -> Outcome:
    from ml_backend.models import check_content  # noqa: PLC0415
    from ml_backend.weights.store import fetch  # noqa: PLC0415

    unseen = next((spec for spec in specs if spec.is_fetchable), None)
    if unseen and not accepted:
        raise BadInput(
            f"{unseen.name} ({_size(unseen)}) is under this licence: {unseen.licence}; see {unseen.source}.",
            hint="If you accept it, run the same command with --accept.",
        )
    for spec in specs:
        with open_bar(f"Fetching {spec.name}") as progress:
            fetch(spec, root, progress, check=check_content)
    return _installed(specs, root)


def _import(names: list[str], root: Path, open_bar: OpenBar) -> Outcome:
    from ml_backend.models import check_content  # noqa: PLC0415
    from ml_backend.weights.store import import_files  # noqa: PLC0415

    if len(names) < 2:
        raise BadInput("`weights import` needs a name and a file or folder.", hint="`weights list` shows all names.")
    spec = find(names[0])
    with open_bar(f"Importing {spec.name}") as progress:
        progress("checking", 0.0)
        import_files(spec, [Path(name).expanduser() for name in names[1:]], root, check=check_content)
    return _installed([spec], root)


def _average(names: list[str], share: float, output: Path | None) -> Outcome:
    from ml_backend.weights.average import average_weights  # noqa: PLC0415

    if len(names) != 2 or output is None:
        raise BadInput("`weights average` needs two files and -o.", hint="weights average A B -o C.safetensors")
    average_weights(*(Path(name).expanduser() for name in names), share, output)
    return Outcome(AverageReport(str(output)), f"{output}: {1 - share:g} of {names[0]} and {share:g} of {names[1]}")


def _installed(specs: list[WeightSpec], root: Path) -> Outcome:
    text = "\n".join(f"{spec.name} is installed in {root / spec.name}. Licence: {spec.licence}." for spec in specs)
    return Outcome(_report(specs, root), text)


def _remove(specs: list[WeightSpec], root: Path) -> Outcome:
    from ml_backend.weights.store import remove  # noqa: PLC0415

    lines = [f"{spec.name} {'is removed' if remove(spec, root) else 'was not installed'}." for spec in specs]
    return Outcome(_report(specs, root), "\n".join(lines))


def _verify(specs: list[WeightSpec], root: Path, *, named: bool) -> Outcome:
    """All that is installed, or those named; raises WeightsMismatch at the first that is not what it was."""
    from ml_backend.weights.store import is_installed, verify  # noqa: PLC0415

    checked = [spec for spec in specs if named or is_installed(spec, root)]
    lines = [f"{spec.name}: {file.name} is whole" for spec in checked for file in verify(spec, root)]
    return Outcome(_report(checked, root), "\n".join(lines) or f"No weights are installed in {root}.")


def _report(specs: list[WeightSpec], root: Path) -> WeightsReport:
    return WeightsReport(str(root), [_row(spec, root) for spec in specs])


def _row(spec: WeightSpec, root: Path) -> WeightsRow:
    from ml_backend.weights.store import is_installed  # noqa: PLC0415

    files: list[dict[str, object]] = [
        {"name": f.name, "size": f.size, "sha256": f.sha256, "md5": f.md5, "urls": list(f.urls)} for f in spec.files
    ]
    return WeightsRow(
        spec.name,
        spec.role,
        spec.summary,
        spec.licence,
        spec.source,
        spec.revision,
        spec.size,
        spec.is_fetchable,
        is_installed(spec, root),
        files,
    )


def _table(specs: list[WeightSpec], root: Path) -> str:
    from ml_backend.weights.store import is_installed  # noqa: PLC0415

    rows = [
        (spec.name, spec.role, "installed" if is_installed(spec, root) else "-", _size(spec), spec.summary)
        for spec in specs
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join([*(text.ljust(w) for text, w in zip(row, widths, strict=False)), row[4]]) for row in rows]
    return "\n".join([*lines, f"in {root}"])


def _card(spec: WeightSpec, root: Path) -> str:
    from ml_backend.weights.store import is_installed  # noqa: PLC0415

    lines = [
        f"{spec.name}: {spec.summary}",
        f"  licence    {spec.licence}",
        f"  source     {spec.source}{f', {spec.revision}' if spec.revision else ''}",
        f"  installed  {root / spec.name if is_installed(spec, root) else 'no'}",
    ]
    for file in spec.files:
        pin = f"sha256 {file.sha256}" if file.sha256 else f"md5 {file.md5}" if file.md5 else "no digest is known"
        size = f"{file.size:,} bytes" if file.size else "size unknown"
        lines += [f"  file       {file.name}, {size}, {pin}", *(f"             {url}" for url in file.urls)]
        if not file.urls:
            lines.append(f"             only by: weights import {spec.name} {file.name}")
    return "\n".join(lines)


def _size(spec: WeightSpec) -> str:
    return f"{spec.size / 1e6:.0f} MB" if spec.size else "size unknown"


COMMAND = Command("weights", "List, fetch, import, check, remove, average networks.", _EXAMPLES, add_arguments, run)
