"""Math is rendered once, kept, and read back without Node; what is not LaTeX is a sentence that names the page."""

import re
import threading
import time

import pytest

from rnnsite.web import math as web_math
from rnnsite.web.math import MACROS, Math, MathError


@pytest.fixture
def renderer(site_assets, tmp_path):
    made = Math(site_assets.katex, tmp_path)
    yield made
    made.close()


def test_html_for_eyes_and_mathml_for_ears(renderer):
    inline, display = renderer.render(r"\rho(W) < 1"), renderer.render(r"\rho(W) < 1", display=True)
    for rendered in (inline, display):
        assert 'class="katex-html" aria-hidden="true"' in rendered
        assert "<math" in rendered
    assert "katex-display" in display
    assert "katex-display" not in inline


@pytest.mark.parametrize("name", sorted(MACROS))
def test_every_macro_of_the_notation_works(renderer, name):
    arguments = "{x}" * (2 if "#2" in MACROS[name] else 1 if "#1" in MACROS[name] else 0)
    assert "<math" in renderer.render("a" + name + arguments)


def test_a_cell_has_its_colour(renderer):
    assert 'class="enclosing rs-lstm"' in renderer.render(r"\lstm{c_t}")


@pytest.mark.parametrize(
    "tex", [r"\frac{1}", r"\nosuchcommand", "{x", r"\begin{aligned} a", "x^2^3", r"\href{javascript:0}{x}", "a % b"]
)
def test_what_is_not_latex_is_one_sentence(renderer, tex):
    with pytest.raises(MathError, match="is not LaTeX that KaTeX reads: ") as caught:
        renderer.render(tex)
    assert "\n" not in str(caught.value)
    assert "\u0332" not in str(caught.value)
    assert "<math" in renderer.render("x"), "the process goes on"


def test_a_page_is_rendered_where_arithmatex_marked_it(renderer):
    page = (
        '<p>With <span class="arithmatex">\\(a &lt; b\\)</span> and <code>\\(c\\)</code>:</p>\n'
        '<div class="arithmatex">\\[\nd &amp;= e \\\\\n\\]</div>'
    ).replace("d &amp;= e \\\\", r"\begin{aligned} d &amp;= e \\ f &amp;= g \end{aligned}")
    rendered = renderer.render_html(page, "gradients/cliffs.md")
    assert "arithmatex" not in rendered
    assert rendered.count("<math") == 2
    assert "<code>\\(c\\)</code>" in rendered
    assert re.search(r'<div class="rs-equation"[^>]*><span class="katex-display">', rendered)
    assert "<mo>&lt;</mo>" in rendered


def test_a_fault_names_its_page(renderer):
    with pytest.raises(MathError, match=r"^gradients/cliffs\.md: the formula '\\x' is not"):
        renderer.render_html('<span class="arithmatex">\\(\\x\\)</span>', "gradients/cliffs.md")


def test_titles(renderer):
    assert "<math" in renderer.render_text(r"The factor \(\rho\) alone", "a.md")
    assert renderer.render_text("No math (at all)", "a.md") == "No math (at all)"


def test_a_second_build_starts_no_node(site_assets, tmp_path, monkeypatch):
    first = Math(site_assets.katex, tmp_path)
    wanted = first.render("x^2", display=True)
    first.close()
    monkeypatch.setattr(web_math, "find_node", lambda: pytest.fail("Node was started"))
    assert Math(site_assets.katex, tmp_path).render("x^2", display=True) == wanted


def test_what_was_damaged_on_disk_is_rendered_again(site_assets, tmp_path):
    first = Math(site_assets.katex, tmp_path)
    wanted = {tex: first.render(tex) for tex in ("a", "b", "c")}
    first.close()
    (file,) = tmp_path.glob("*.jsonl")
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text(lines[0].replace("mord", "nord", 1) + lines[1] + lines[2][:-40], encoding="utf-8")
    second = Math(site_assets.katex, tmp_path)
    assert {tex: second.render(tex) for tex in wanted} == wanted
    second.close()


def test_a_killed_process_is_started_again(renderer):
    renderer.render("x")
    renderer._process.kill()
    renderer._process.wait()
    assert "<math" in renderer.render("y")


def test_a_disk_that_cannot_be_written_only_costs_time(site_assets, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    renderer = Math(site_assets.katex, blocked / "math")
    assert "<math" in renderer.render_html('<span class="arithmatex">\\(x\\)</span>', "a.md")
    renderer.close()


def test_pages_at_once(renderer):
    said = {}
    threads = [threading.Thread(target=lambda n=n: said.update({n: renderer.render(f"x_{{{n}}}")})) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"<mn>{n}</mn>" in said[n] for n in range(20))


def test_kept_math_is_read_at_once(renderer):
    formulas = [rf"\pd{{h_{{{n}}}}}{{h_1}} = w^{{{n}}}" for n in range(200)]
    for tex in formulas:
        renderer.render(tex)
    start = time.perf_counter()
    for tex in formulas:
        renderer.render(tex)
    assert time.perf_counter() - start < 0.05
