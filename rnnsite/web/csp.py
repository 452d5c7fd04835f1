"""A content security policy on every page: nothing from another host, no script that the build did not write.

It stands in a <meta> element, so that it holds on any host. The theme's own inline scripts are allowed by their
hashes; all pages share one policy, since instant navigation keeps the first page's.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

_INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
_DATA = re.compile(r'type="?application/(?:ld\+)?json')
_CHARSET = re.compile(r'<meta charset="?utf-8"?>', re.IGNORECASE)


def protect(site: Path) -> None:
    """Write the policy into every page of a built site."""
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy_for(pages.values())}">'
    for path, text in pages.items():
        path.write_text(_CHARSET.sub(lambda match: match[0] + tag, text, count=1), encoding="utf-8")


def policy_for(pages: Iterable[str]) -> str:
    """The policy that lets these pages' inline scripts run, and no others."""
    hashes = sorted(
        {
            base64.b64encode(hashlib.sha256(match["code"].encode()).digest()).decode()
            for text in pages
            for match in _INLINE.finditer(text)
            if not _DATA.search(match["attributes"])
        }
    )
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' {allowed}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'"
    )
