"""The bundle is built once, found again at once, mended when damaged; what hinders it is said in a sentence."""

import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rnnsite.errors import RnnsiteError
from rnnsite.figures.palette import PALETTE
from rnnsite.web import assets, stylesheets
from rnnsite.web.assets import build_assets

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cache(site_assets, tmp_path):
    """A cache that has the npm packages and no bundle yet."""
    modules = tmp_path / "npm" / site_assets.node_modules.parent.name
    modules.mkdir(parents=True)
    try:
        (modules / "node_modules").symlink_to(site_assets.node_modules, target_is_directory=True)
    except OSError:
        shutil.copytree(site_assets.node_modules, modules / "node_modules")
    return tmp_path


def test_nothing_changed_takes_no_time_and_no_process(site_assets, site_cache, monkeypatch):
    monkeypatch.setattr(assets.subprocess, "run", lambda *a, **k: pytest.fail("a process was started"))
    start = time.perf_counter()
    assert build_assets(ROOT, site_cache) == site_assets
    assert time.perf_counter() - start < 0.1


def test_what_a_page_loads_first_is_small(site_assets):
    size = {name: (site_assets.folder / name).stat().st_size for name in site_assets.names}
    assert size[site_assets.script] < 3_000
    assert size[site_assets.stylesheet] < 130_000
    assert len(site_assets.preload) == 1
    assert size[site_assets.preload[0]] < 25_000
    assert not [name for name in size if "axe" in name or name.endswith((".woff", ".ttf", ".md"))]


def test_plotly_and_explorers_are_separate_and_lazy(site_assets):
    entry = (site_assets.folder / site_assets.script).read_text(encoding="utf-8")
    lazy = re.findall(r'import\("\./([^"]+)"\)', entry)
    assert sorted(name.split("-")[0] for name in lazy) == ["checks", "explorers", "figures", "live", "symbols"]
    assert not re.search(r'import\s*[{"]', entry.replace("import(", "")), "nothing is loaded with the entry"
    figures = (site_assets.folder / next(n for n in lazy if n.startswith("figures"))).read_text(encoding="utf-8")
    assert re.search(r'import\("\./plotly-[^"]+"\)', figures)


def test_live_cells_are_separate_and_their_size_is_told(site_assets):
    text = {name: (site_assets.folder / name).read_text("utf-8") for name in site_assets.names if name.endswith(".js")}
    (cells,) = (name for name in text if re.fullmatch(r"live-[A-Z0-9]+\.js", name))
    assert len(text[cells]) < 10_000
    assert re.search(r'import\("\./editor-[^"]+"\)', text[cells]), "the editor is fetched when it is asked for"
    assert [name for name in text if "createPyodideModule" in text[name]] == [site_assets.worker]
    script, python = site_assets.live_sizes
    assert script == (site_assets.folder / site_assets.worker).stat().st_size
    assert 5e6 < python < 8e6


def test_the_service_worker_knows_what_never_changes(site_assets, tmp_path):
    site_assets.write_offline(tmp_path)
    text = (tmp_path / "offline.js").read_text(encoding="utf-8")
    assert site_assets.script in text.split("\n")[1]


def test_the_stylesheet_asks_no_other_host(site_assets):
    css = (site_assets.folder / site_assets.stylesheet).read_text(encoding="utf-8")
    addresses = re.findall(r'url\(["\']?([^)"\']+)', css)
    assert addresses
    for address in addresses:
        assert address.startswith("data:") or address.removeprefix("./") in site_assets.names, address


def test_every_colour_of_the_palette_in_both_schemes(site_assets):
    css = stylesheets.palette_css()
    for name, (light, dark) in PALETTE.items():
        assert f"--rs-{name}:{light};" in css
        assert f"--rs-{name}:{dark};" in css


def test_the_licences_travel_along(site_assets):
    packages = (
        "katex",
        "plotly.js-cartesian-dist-min",
        "source-serif-4",
        "codemirror-state",
        "lezer-python",
        "pyodide",
    )
    for package in packages:
        assert f"license-{package}.txt" in site_assets.names


def test_written_once(site_assets, tmp_path):
    site_assets.write(tmp_path)
    written = tmp_path / site_assets.urls["script"]
    before = written.stat().st_mtime_ns
    site_assets.write(tmp_path)
    assert written.stat().st_mtime_ns == before
    assert {path.name for path in written.parent.iterdir()} == set(site_assets.names)


def test_a_damaged_bundle_is_built_again(cache):
    first = build_assets(ROOT, cache)
    script = first.folder / first.script
    good = script.read_bytes()
    script.write_bytes(good[:-1] + b"?")
    assert build_assets(ROOT, cache) == first
    assert script.read_bytes() == good
    for damaged in ("{", "[1]", '{"files": [], "script": "x", "stylesheet": "y", "preload": []}'):
        (first.folder / "manifest.json").write_text(damaged)
        assert build_assets(ROOT, cache) == first


def test_two_builds_at_once(cache):
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda _: build_assets(ROOT, cache), range(3)))
    assert made[0] == made[1] == made[2]


def test_an_unchanged_source_gives_unchanged_names(cache, site_assets):
    assert build_assets(ROOT, cache).names == site_assets.names


def test_old_bundles_are_forgotten(cache):
    for number in range(12):
        (cache / "web" / f"old{number}").mkdir(parents=True)
    made = build_assets(ROOT, cache)
    assert made.folder.is_dir()
    assert len(list((cache / "web").iterdir())) == assets.KEPT


def test_a_fault_in_a_script_names_the_file(cache, tmp_path, monkeypatch):
    browser = tmp_path / "browser"
    shutil.copytree(assets.BROWSER, browser)
    (browser / "main.js").write_text("let x = ;")
    monkeypatch.setattr(assets, "BROWSER", browser)
    with pytest.raises(RnnsiteError, match=r"main\.js:1:8: .*Unexpected"):
        build_assets(ROOT, cache)


def test_no_network_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    with pytest.raises(RnnsiteError, match=r"^npm could not install the packages .*\.$") as caught:
        build_assets(ROOT, tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "cache" / "npm").glob("installing-*"))


def test_outside_a_checkout(tmp_path):
    with pytest.raises(RnnsiteError, match="run from the root of a checkout"):
        build_assets(tmp_path, tmp_path / "cache")


def test_a_cache_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RnnsiteError, match="could not be kept in"):
        build_assets(ROOT, tmp_path / "file" / "cache")


def test_the_lock_holds_no_addresses():
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 5


def test_rules_of_the_theme_that_are_kept():
    kept, dropped = ".md-nav{f:g}.q{content:'}'}", ".md-tag,.md-tag .x{d:e}@media print{.md-post{h:i}}"
    assert stylesheets.without_unused(f"@charset 'x';{dropped}{kept}.md-nav,.md-tag{{a:b}}") == (
        f"@charset 'x';{kept}.md-nav{{a:b}}"
    )
