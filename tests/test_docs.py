"""The pages a person reads lead to each other."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_every_page_about_the_trade_is_named_in_the_overview_and_exists():
    named = set(re.findall(r"\(domain/([a-z-]+\.md)\)", (DOCS / "domain.md").read_text("utf-8")))

    assert {page.name for page in (DOCS / "domain").iterdir()} == named
