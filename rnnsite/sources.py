"""Which source a result depends on: an experiment's own, and that of every rnnsite module it imports.

Comments, docstrings and layout do not count, and neither do the parts of an experiment that only judge or describe
its arrays: rewording a claim must not retrain a model.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import os
import sys
from functools import cache
from pathlib import Path

from rnnsite.kept import Kept, cache_folder, digest

PACKAGE = Path(__file__).parent
_DESCRIPTIONS = {"TITLE", "PAGE", "CONFIGS", "CLAIMS", "PUBLISHED", "NUMBERS", "SECONDS", "RECORDED"}
_PACKAGES = (".cells", ".probes", ".tasks", ".training", ".figures")  # they only list what is in them
_JUDGES = {"rnnsite.claims", "rnnsite.errors"}


def dependencies(module: str) -> dict[str, Path]:
    """Every rnnsite module that `module` imports, directly or not, itself included, with its file; sorted by name."""
    found: dict[str, Path] = {}
    todo, seen = [module], set(_JUDGES)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        path = _file_of(name)
        if path is not None:
            found[name] = path
            todo += _imports(name, path, path.stat().st_mtime_ns)
    return dict(sorted(found.items()))


def fingerprint(module: str) -> str:
    """SHA-256 over the meaning of `module` and its dependencies."""
    return _fingerprint(
        module, tuple((name, path, path.stat().st_mtime_ns) for name, path in dependencies(module).items())
    )


def changed() -> dict[Path, int]:
    """When each file of the package was last written: as long as that is equal, so is all that is said of them here."""
    return {path: path.stat().st_mtime_ns for path in PACKAGE.rglob("*.py")}


def keep() -> None:
    """Keep for the next process what this one has read from sources."""
    _kept().save()


@cache
def _fingerprint(module: str, modules: tuple[tuple[str, Path, int], ...]) -> str:
    key = digest(_rules(), [(name, _content(path, changed)) for name, path, changed in modules])
    kept = _kept().get(f"fingerprint {module}", key)
    if kept is None:
        made = hashlib.sha256()
        for name, path, changed in modules:
            made.update(f"{name}\n{_meaning(path, changed)}\n".encode())
        kept = made.hexdigest()
        _kept().put(f"fingerprint {module}", key, kept)
    return str(kept)


def _kept() -> Kept:
    return _kept_in(cache_folder())


@cache
def _kept_in(folder: Path) -> Kept:
    return Kept(folder / "kept" / "sources.json")


@cache
def _rules() -> str:
    """Changes with what this module makes of a source, and with Python's grammar."""
    return digest(Path(__file__).read_bytes(), sys.version_info[:3])


@cache
def _content(path: Path, _changed: int) -> str:
    return digest(path.read_bytes())


def used_by(tree: ast.Module) -> list[str]:
    """The rnnsite modules behind every name that a script takes from the package, sorted.

    >>> used_by(ast.parse("import rnnsite; from rnnsite.cells import GRU; rnnsite.diagnose(GRU(1, 2))"))
    ['rnnsite.cells.gru', 'rnnsite.probes.diagnosis']
    """
    names = set(_named(tree, ""))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "rnnsite":
            names.add(f"rnnsite.{node.attr}")
    found = {name if _file_of(name) else _listed(name) for name in names if name.rpartition(".")[0]}
    return sorted(name for name in found if name and not name.endswith(_PACKAGES))


def _listed(name: str) -> str | None:
    """The module in which a package's catalogue has this name: rnnsite.cells.GRU → rnnsite.cells.gru."""
    package, _, last = name.rpartition(".")
    file = _file_of(package)
    if file is None or file.name != "__init__.py":
        return None
    module = getattr(importlib.import_module(package), "CATALOGUE", {}).get(last)
    return f"{package}.{module}" if module else None


def _file_of(name: str) -> Path | None:
    place = os.path.join(PACKAGE, *name.split(".")[1:])
    for candidate in (f"{place}.py", os.path.join(place, "__init__.py")):
        if os.path.isfile(candidate):
            return Path(candidate)
    return None


@cache
def _imports(name: str, path: Path, changed: int) -> list[str]:
    key = digest(_rules(), _content(path, changed))
    found: list[str] | None = _kept().get(f"imports {name}", key)
    if found is None:
        found = _named(_tree(path, changed), name if path.name == "__init__.py" else name.rpartition(".")[0])
        _kept().put(f"imports {name}", key, found)
    return found


def _named(tree: ast.Module, package: str) -> list[str]:
    """What a module of this package imports from rnnsite: modules, and names in them."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
            origin = ".".join(part for part in (base, node.module) if part)
            names.append(origin)
            names += [f"{origin}.{alias.name}" for alias in node.names]
    return [found for found in names if found.startswith("rnnsite.")]


@cache
def _tree(path: Path, _changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _meaning(path: Path, changed: int) -> str:
    tree = ast.parse(ast.unparse(_tree(path, changed)))  # a copy without comments, ours to edit
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:]
    if path.parent.name == "experiments":
        tree.body = [node for node in tree.body if not _describes(node)]
    return ast.dump(tree)


def _describes(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id in _DESCRIPTIONS for target in targets)
