"""Build what a page loads: one stylesheet, one small script with lazy parts, fonts. From pinned npm packages, cached.

`build_assets` installs package-lock.json's packages into the user's cache (never into the checkout), bundles
`rnnsite/web/browser` with esbuild, and gives every file a name that contains its hash. A second call with nothing
changed only compares hashes: it starts no process and needs no network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from rnnsite.errors import RnnsiteError
from rnnsite.web import live_assets
from rnnsite.web.node import find_node
from rnnsite.web.stylesheets import generated_stylesheets, sources

BROWSER = Path(__file__).parent / "browser"
PREFIX = "assets/rnnsite"
OFFLINE = "offline.js"  # the service worker: it stands at the root, for it answers for what lies beneath
# whose licences travel with the files
SHIPPED = (
    *("katex", "plotly.js-cartesian-dist-min", "@fontsource/*"),
    *("@codemirror/*", "@lezer/*", "@marijn/*", "style-mod", "w3c-keyname", "crelt"),
)
TARGETS = "es2022,chrome109,firefox115,safari16"
KEPT = 6  # bundles kept in the cache: builds of other branches, and one that may be served right now


@dataclass(frozen=True)
class Assets:
    """The built files. They lie flat in `folder`, and in the site under `assets/rnnsite`.

    worker, live_sizes   the script that runs live cells; the bytes of it, and those of the Python that it loads
    """

    folder: Path
    names: tuple[str, ...]
    script: str
    stylesheet: str
    preload: tuple[str, ...]
    worker: str
    live_sizes: tuple[int, int]
    node_modules: Path

    @property
    def katex(self) -> Path:
        """The folder of the npm package, which `rnnsite.web.math` runs."""
        return self.node_modules / "katex"

    @property
    def urls(self) -> dict[str, Any]:
        """What the theme's templates read as `config.extra.rnnsite.assets`: addresses from the site's root."""
        return {
            "script": f"{PREFIX}/{self.script}",
            "stylesheet": f"{PREFIX}/{self.stylesheet}",
            "preload": [f"{PREFIX}/{name}" for name in self.preload],
            "worker": f"{PREFIX}/{self.worker}",
        }

    def write(self, site_dir: Path) -> None:
        """Put the files into a built site. A name says its content, so one that is there already is right."""
        out = site_dir / PREFIX
        out.mkdir(parents=True, exist_ok=True)
        for name in self.names:
            if not (out / name).is_file():
                shutil.copyfile(self.folder / name, out / name)

    def write_offline(self, site_dir: Path) -> None:
        """Put the service worker into a built site, with the names of the files that never change."""
        names = json.dumps(self.names)
        head = f'const VERSION = "{_digest([names.encode()])}";\nconst NAMES = {names};\n'
        (site_dir / OFFLINE).write_text(head + (BROWSER / OFFLINE).read_text(encoding="utf-8"), encoding="utf-8")


def build_assets(project_root: Path, cache_dir: Path) -> Assets:
    """The site's scripts, styles and fonts, built when anything they come from has changed."""
    lock = project_root / "package-lock.json"
    if not lock.is_file():
        raise RnnsiteError(f"Expected {lock.name} in {project_root}: run from the root of a checkout.")
    lock_key = _digest([lock.read_bytes()])
    inputs = [path for path in sorted(BROWSER.rglob("*")) if path.is_file()]
    own_code = [Path(__file__), *sources(), *live_assets.sources()]
    key = _digest([lock_key.encode(), *(_named(path) for path in inputs), *(p.read_bytes() for p in own_code)])
    modules = cache_dir / "npm" / lock_key / "node_modules"
    folder = cache_dir / "web" / key
    assets = _load(folder, modules)
    if assets is None:
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
            with FileLock(cache_dir / "assets.lock"):
                assets = _load(folder, modules)  # another build may just have made it
                if assets is None:
                    install_packages(project_root, modules)
                    _bundle(modules, folder)
                    _forget_old(folder.parent)
                    assets = _load(folder, modules)
        except OSError as error:
            raise RnnsiteError(f"The site's scripts could not be kept in {cache_dir}: {error}.") from error
    if assets is None:
        raise RnnsiteError(f"The bundle just written to {folder} does not read back: is the disk full or damaged?")
    return assets


def install_packages(project_root: Path, modules: Path) -> None:
    """Fill `modules` with exactly what package-lock.json names, checked against its hashes; at once or not at all."""
    if modules.is_dir():
        return
    npm = find_node().npm
    modules.parent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=modules.parent.parent, prefix="installing-") as scratch:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(project_root / name, scratch)
        command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
        done = subprocess.run(
            [*command, "--fetch-retries=1", "--fetch-retry-mintimeout=1000"],
            cwd=scratch,
            env={**os.environ, "PATH": _path_with_node()},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        if done.returncode:
            raise RnnsiteError(
                "npm could not install the packages that the site's pages need, which the first build downloads "
                f"(about 25 MB): {_reason(done.stderr)}."
            )
        modules.parent.mkdir(exist_ok=True)
        os.replace(Path(scratch) / "node_modules", modules)


def _bundle(modules: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="building-") as scratch:
        generated, out = Path(scratch) / "search" / "generated", Path(scratch) / "out"
        generated.mkdir(parents=True)
        for name, text in {**generated_stylesheets(modules), "plotly.js": _plotly_module(modules)}.items():
            (generated / name).write_text(text, encoding="utf-8")
        live_assets.generated_files(modules, generated)
        # every path relative to here, so that names depend on contents and not on where checkout and cache lie
        shutil.copytree(BROWSER, Path(scratch) / "browser")
        pages = _esbuild(scratch, modules, "rnnsite=browser/main.js", "style=browser/styles/index.css")
        # by itself: what Pyodide needs of esbuild would otherwise become a part that every page loads
        worker = _esbuild(scratch, modules, "live-worker=browser/live/worker.js")
        for package in SHIPPED:
            for licence in modules.glob(f"{package}/LICENSE*"):
                name = licence.parent.relative_to(modules).as_posix().removeprefix("@fontsource/").lstrip("@")
                shutil.copy(licence, out / f"license-{name.replace('/', '-')}.txt")
        (out / "license-pyodide.txt").write_text(live_assets.notice(modules), encoding="utf-8")
        _write_manifest(out, pages | worker)
        shutil.rmtree(folder, ignore_errors=True)  # what a damaged cache left there
        os.replace(out, folder)


def _esbuild(scratch: str, modules: Path, *entries: str) -> dict[str, Any]:
    """Bundle these entries of scratch/browser into scratch/out; what was written, as the metafile's outputs."""
    meta = Path(scratch) / "meta.json"
    options = "--bundle --splitting --format=esm --minify --charset=utf8 --legal-comments=linked --log-limit=1"
    names = "--entry-names=[name]-[hash] --chunk-names=[name]-[hash] --asset-names=[name]-[hash]"
    loaders = "--loader:.woff2=file --loader:.bin=file --loader:.zip=file --loader:.svg=dataurl --loader:.py=text"
    done = subprocess.run(
        [
            find_node().executable,
            str(modules / "esbuild" / "bin" / "esbuild"),
            *entries,
            *options.split(),
            *names.split(),
            *loaders.split(),
            "--alias:plotly.js-cartesian-dist-min=generated/plotly.js",
            "--external:node:*",  # Pyodide's other home
            "--external:ws",
            "--preserve-symlinks",
            f"--target={TARGETS}",
            "--outdir=out",
            "--metafile=meta.json",
            "--log-level=error",
        ],
        cwd=scratch,
        env={**os.environ, "NODE_PATH": os.pathsep.join([str(modules), str(Path(scratch) / "search")])},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise RnnsiteError(f"esbuild could not bundle the site's scripts: {_reason(done.stderr)}.")
    outputs: dict[str, Any] = json.loads(meta.read_text(encoding="utf-8"))["outputs"]
    return outputs


def _plotly_module(modules: Path) -> str:
    """Plotly as an ES module. Were it left a CommonJS one, every page would first fetch esbuild's glue for those."""
    source = modules / "plotly.js-cartesian-dist-min" / "plotly-cartesian.min.js"
    return source.read_text(encoding="utf-8") + "\nexport default window.Plotly;\n"


def _write_manifest(out: Path, outputs: dict[str, Any]) -> None:
    entries = {
        Path(entry["entryPoint"]).name: Path(path).name for path, entry in outputs.items() if entry.get("entryPoint")
    }
    files = {path.name: _digest([path.read_bytes()]) for path in sorted(out.iterdir())}
    worker = entries["worker.js"]
    loads = [name for name in files for kept in live_assets.RUNTIME if name.startswith(Path(kept).stem)]
    manifest = {
        "script": entries["main.js"],
        "stylesheet": entries["index.css"],
        # the one font that the first screen of every page is set in
        "preload": [name for name in files if name.startswith("source-serif-4-latin-400-normal")],
        "worker": worker,
        "live_sizes": [sum((out / name).stat().st_size for name in names) for names in ([worker], loads)],
        "files": files,
    }
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _load(folder: Path, modules: Path) -> Assets | None:
    """The bundle in `folder`, or None when it is not there or not what was written."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        named = {manifest["script"], manifest["stylesheet"], manifest["worker"], *manifest["preload"]}
        if not named <= manifest["files"].keys():
            return None
        if any(_digest([(folder / name).read_bytes()]) != digest for name, digest in manifest["files"].items()):
            return None
        return Assets(
            folder,
            tuple(manifest["files"]),
            manifest["script"],
            manifest["stylesheet"],
            tuple(manifest["preload"]),
            manifest["worker"],
            (manifest["live_sizes"][0], manifest["live_sizes"][1]),
            modules,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _forget_old(bundles: Path) -> None:
    old = sorted((path for path in bundles.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in old[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _named(path: Path) -> bytes:
    return path.relative_to(BROWSER).as_posix().encode() + b"\0" + path.read_bytes()


def _digest(parts: list[bytes]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:16]


def _path_with_node() -> str:
    """npm's own children look for `node` on PATH, where pip's Node is not."""
    return str(Path(find_node().executable).parent) + os.pathsep + os.environ.get("PATH", "")


def _reason(stderr: str) -> str:
    """The line of npm's or esbuild's complaint that says what is wrong, as the end of a sentence."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if "[ERROR]" in line or "reason:" in line]
    for line in [*telling, *lines]:
        text = line.removeprefix("npm error").removeprefix("✘ [ERROR]").strip()
        if text and not text.startswith("code "):
            where = next((line for line in lines if (line.endswith(":") and ".js:" in line) or ".css:" in line), "")
            return f"{where} {text}".strip().rstrip(".")
    return "it gave no reason"
