"""Pictures: small, the same for the same rows, and silent about the few."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from vtj_pipeline.orchestration.pictures import (
    SMALL_CELL_LIMIT,
    components_of_change,
    net_migration,
    picture_metadata,
    population_pyramid,
)

pytestmark = pytest.mark.slow

Rows = list[dict[str, Any]]
PROJECT = Path(__file__).resolve().parents[2] / "dbt" / "dbt_project.yml"
BLUE, ORANGE = (0, 114, 178), (230, 159, 0)


def test_few_are_as_few_as_in_the_statistics_that_leave_the_house() -> None:
    told = yaml.safe_load(PROJECT.read_text("utf-8"))["vars"]["small_cell_limit"]
    assert told == SMALL_CELL_LIMIT


def population(persons: Callable[[str, int], int]) -> Rows:
    return [
        {
            "month_end": date(2026, 10, 31),
            "sex": sex,
            "age_from": age,
            "persons": persons(sex, age),
        }
        for sex in ("MIES", "NAINEN", "PUUTTUU")
        for age in range(0, 96, 5)
    ]


def migration(**moves: tuple[int, int]) -> Rows:
    return [
        {"year": 2025, "municipality": name, "moved_in": moved_in, "moved_out": moved_out}
        for name, (moved_in, moved_out) in moves.items()
    ]


def change(**more: int) -> Rows:
    usual = {"births": 98, "deaths": 110, "moved_in": 410, "moved_out": 377}
    abroad = {"immigration": 55, "emigration": 21, "correction": -7}
    month = {"month_start": date(2026, 10, 1), "opening": 124_021, "closing": 124_069}
    return [{**month, **usual, **abroad, **more}]


MANY = migration(**{f"Uusikaarlepyynkunta {n}": (5000 + 91 * n, 7000) for n in range(60)})
DRAWN = [
    (population_pyramid, population(lambda sex, age: 9_000_000 - 71_111 * age - len(sex))),
    (net_migration, MANY),
    (components_of_change, change()),
]


def has(png: bytes, colour: tuple[int, int, int]) -> bool:
    image = Image.open(BytesIO(png)).convert("RGB")
    counts = image.getcolors(maxcolors=image.width * image.height)
    assert counts is not None
    return any(one == colour and count > 50 for count, one in counts)


@pytest.mark.parametrize(("draw", "rows"), DRAWN, ids=lambda one: getattr(one, "__name__", ""))
def test_a_picture_is_small_opaque_and_always_the_same(
    draw: Callable[[Rows], bytes], rows: Rows
) -> None:
    png = draw(rows)
    assert png == draw([dict(row) for row in rows])
    assert len(png) <= 40_000
    image = Image.open(BytesIO(png))
    assert image.format == "PNG" and image.size == (720, 420) and not image.text  # type: ignore[attr-defined]
    assert image.convert("RGBA").getextrema()[3] == (255, 255)
    assert has(png, BLUE) and has(png, ORANGE)


def test_a_group_below_the_limit_is_not_in_the_pyramid() -> None:
    few = population(lambda sex, _: SMALL_CELL_LIMIT - 1 if sex == "MIES" else 100)
    png = population_pyramid(few)
    assert has(png, ORANGE)
    assert png != population_pyramid(population(lambda sex, _: 0 if sex == "MIES" else 100))
    # Whether it is one or four cannot be seen.
    for count in range(1, SMALL_CELL_LIMIT):
        rows = population(lambda sex, _, count=count: count if sex == "MIES" else 100)
        assert population_pyramid(rows) == png
    assert population_pyramid(population(lambda *_: 3)) != png


def test_a_municipality_with_few_moves_is_not_drawn() -> None:
    known = {"Kuopio": (900, 300), "Iisalmi": (300, 700)}
    png = net_migration(migration(**known, Keitele=(2, 800)))
    assert net_migration(migration(**known, Keitele=(800, 4))) == png
    assert net_migration(migration(**known)) != png  # which says that one is missing
    assert net_migration(migration(**known, Keitele=(0, 800))) != png
    only_few = net_migration(migration(Keitele=(2, 800)))
    assert not has(only_few, BLUE) and not has(only_few, ORANGE)


def test_only_the_ends_of_a_long_list_are_drawn() -> None:
    moves = {f"M{n}": (100 + n, 150) for n in range(100)}
    png = net_migration(migration(**moves))
    ends = {name: moves[name] for name in moves if int(name[1:]) < 8 or int(name[1:]) > 91}
    assert png == net_migration(migration(**ends))


def test_a_small_component_cannot_be_worked_out() -> None:
    png = components_of_change(change(emigration=3, closing=124_087))
    for few in (1, 2, 4):
        assert components_of_change(change(emigration=few, closing=124_090 - few)) == png
    assert components_of_change(change(emigration=0, closing=124_090)) != png
    small = components_of_change(change(correction=-2))
    assert small == components_of_change(change(correction=3, closing=124_079))


def test_metadata_is_markdown_with_a_text_for_who_does_not_see_it() -> None:
    value = picture_metadata(b"\x89PNG", "A pyramid")
    data = base64.b64encode(b"\x89PNG").decode()
    assert value.md_str == f"![A pyramid](data:image/png;base64,{data})"


def test_loading_the_definitions_does_not_load_matplotlib() -> None:
    script = (
        "import sys, vtj_pipeline.orchestration.build\n"
        "sys.exit(any(name.split('.')[0] in ('matplotlib', 'PIL') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", script]).returncode == 0


def test_no_display_is_needed_and_a_style_of_the_machine_changes_nothing(
    tmp_path: Any,
) -> None:
    (tmp_path / "matplotlibrc").write_text("backend: TkAgg\naxes.facecolor: red\nfont.size: 30\n")
    script = (
        "import sys, datetime\n"
        "from vtj_pipeline.orchestration.pictures import population_pyramid\n"
        "row = dict(month_end=datetime.date(2026, 10, 31), sex='MIES', age_from=5, persons=9)\n"
        "sys.stdout.buffer.write(population_pyramid([row]))"
    )
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env={"MATPLOTLIBRC": str(tmp_path), "MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
    )
    row = {"month_end": date(2026, 10, 31), "sex": "MIES", "age_from": 5, "persons": 9}
    assert made.stdout == population_pyramid([row]), made.stderr
