"""Which source a result depends on: an experiment's own, and that of every rnnsite module it imports.

Comments, docstrings and layout do not count, and neither do the parts of an experiment that only judge or describe
its arrays: rewording a claim must not retrain a model.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
_DESCRIPTIONS = {"TITLE", "PAGE", "CONFIGS", "CLAIMS", "PUBLISHED", "NUMBERS", "SECONDS", "RECORDED"}
_JUDGES = {"rnnsite.claims", "rnnsite.errors"}


def dependencies(module: str) -> dict[str, Path]:
    """Every rnnsite module that `module` imports, directly or not, itself included, with its file; sorted by name."""
    found: dict[str, Path] = {}
    todo = [module]
    while todo:
        name = todo.pop()
        path = _file_of(name)
        if name in found or name in _JUDGES or path is None:
            continue
        found[name] = path
        todo += _imports(name, path, path.stat().st_mtime_ns)
    return dict(sorted(found.items()))


def fingerprint(module: str) -> str:
    """SHA-256 over the meaning of `module` and its dependencies."""
    digest = hashlib.sha256()
    for name, path in dependencies(module).items():
        digest.update(f"{name}\n{_meaning(path, path.stat().st_mtime_ns)}\n".encode())
    return digest.hexdigest()


def _file_of(name: str) -> Path | None:
    relative = Path(*name.split(".")[1:])
    for candidate in (PACKAGE / relative.with_suffix(".py"), PACKAGE / relative / "__init__.py"):
        if candidate.name != ".py" and candidate.is_file():
            return candidate
    return None


@cache
def _imports(name: str, path: Path, changed: int) -> list[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    names: list[str] = []
    for node in ast.walk(_tree(path, changed)):
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
