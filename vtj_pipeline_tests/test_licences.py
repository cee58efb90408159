"""docs/licences.md lists what production installs, with the licences that the packages tell."""

import re

from vtj_pipeline_tests.licences import licences, listed
from vtj_pipeline_tests.pins import REQUIREMENTS, ROOT, S3_REQUIREMENTS, required


def test_every_package_is_listed_with_its_licence() -> None:
    assert set(listed()) == {name for name, _ in required()}
    assert listed().items() >= licences().items()


def test_what_is_audited_is_pinned_and_hashed() -> None:
    """The audit itself needs the Internet: docs/operating.md tells whom to ask, and this file."""
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    assert f"pip-audit --require-hashes --disable-pip --requirement {REQUIREMENTS.name}\n" in page
    text = REQUIREMENTS.read_text("utf-8") + S3_REQUIREMENTS.read_text("utf-8")
    entries = re.split(r"(?m)^(?=[a-z])", text)
    assert len([one for one in entries if one.strip()]) >= len(required())
    assert [one for one in entries if one.strip() and "--hash=sha256:" not in one] == []


def test_every_licence_is_one_that_an_authority_may_use() -> None:
    known = ("MIT", "BSD", "Apache", "MPL", "Mozilla", "PSF", "Python", "ISC", "LGPL", "Artistic")
    unknown = {name: text for name, text in listed().items() if not any(k in text for k in known)}
    assert unknown == {}
