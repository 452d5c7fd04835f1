"""The policy allows the inline scripts that stand in the pages, by hash, and nothing else."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from rnnsite.web.csp import policy_for, protect

SCRIPT = 'var a = "<b>";'


def test_inline_scripts_are_allowed_by_hash() -> None:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = policy_for([f"<script>{SCRIPT}</script><script src='x.js'></script>"])
    assert f"'sha256-{digest}'" in policy
    assert policy.count("sha256-") == 1
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")


def test_data_is_not_a_script() -> None:
    assert "sha256-" not in policy_for(['<script id="__config" type="application/json">{"base": "."}</script>'])


def test_all_pages_share_one_policy(tmp_path: Path) -> None:
    for name, script in {"a": "1", "b": "2"}.items():
        (tmp_path / f"{name}.html").write_text(f'<meta charset="utf-8"><script>{script}</script>')
    protect(tmp_path)
    texts = [(tmp_path / f"{name}.html").read_text() for name in "ab"]
    assert texts[0].split("<script>")[0] == texts[1].split("<script>")[0]
    assert texts[0].count("sha256-") == 2
