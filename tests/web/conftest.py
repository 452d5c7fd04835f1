"""The site's assets, built once for all tests of the web layer, in the cache that the site's own builds use."""

from pathlib import Path

import pytest

from rnnsite.results import Store
from rnnsite.web.assets import build_assets


@pytest.fixture(scope="session")
def site_cache():
    return Store().folder / "assets"


@pytest.fixture(scope="session")
def site_assets(site_cache):
    return build_assets(Path(__file__).parents[2], site_cache)
