"""A process of its own that turns a bomb into events, and tells what came of it and what it took.

`python -m vtj_pipeline_tests.attacks.reader NAME` prints JSON. Add a bomb to `BOMBS`. Keep out what
is expected (`test_bombs.py`).
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vtj_pipeline_tests.attacks.caller import peak
from vtj_pipeline_tests.attacks.fuzz.bodies import AT
from vtj_pipeline_tests.attacks.fuzz.reading import Reader
from vtj_pipeline_tests.builders import message, row

SIZE = 3_000_000
GOOD = json.dumps(
    message("A", AT, row("AMMATTI", "LISATTY", ammatti="Seppä")),
    ensure_ascii=False,
    separators=(",", ":"),
)


def _row(rest: str, group: str = "UUSI") -> str:
    return GOOD.replace('"AMMATTI"', f'"{group}"').replace('"ammatti":"Seppä"', rest).replace(
        "010190-999F", "020290-998D"
    )  # fmt: skip


def _nested(opening: str, closing: str) -> str:
    times = SIZE // len(opening + closing)
    return opening * times + "1" + closing * times


_OPENING = '{"a":'
BOMBS: dict[str, Callable[[], str]] = {
    "messages that are none": lambda: ",".join(["null"] * (SIZE // 25)),
    "rows that are none": lambda: GOOD.replace("[{", "[" + "1," * (SIZE // 25) + "{"),
    "depth of lists": lambda: _row(f'"x":{_nested("[", "]")}'),
    "depth of objects": lambda: _row(f'"x":{_nested(_OPENING, "}")}'),
    "depth in a known group": lambda: _row(f'"x":{_nested("[", "]")}', "AMMATTI"),
    "depth in place of a text": lambda: _row(f'"ammatti":{_nested("[", "]")}', "AMMATTI"),
    "width": lambda: _row(",".join(f'"k{n}":1' for n in range(SIZE // 10))),
    "width of a list": lambda: _row(f'"x":[{",".join(["0"] * (SIZE // 2))}]'),
    "digits": lambda: _row(f'"x":{"9" * SIZE}'),
    "one key": lambda: _row(f'"{"k" * SIZE}":1'),
    "one text": lambda: _row(f'"ammatti":"{"k" * SIZE}"', "AMMATTI"),
    "the same key": lambda: _row(",".join(['"ammatti":"a"'] * (SIZE // 14)), "AMMATTI"),
    "one name": lambda: _row('"x":1', "U" * SIZE),
}  # fmt: skip


def main() -> None:
    """Read each bomb beside a message that is fine."""
    before = peak()
    told = {}
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader("change", Path(folder) / "events.parquet")
        for name, bomb in BOMBS.items():
            body = f'{{"muutokset":[{bomb()},{GOOD}]}}'.encode()
            try:
                reader.write([body])
            except duckdb.Error as error:
                told[name] = [type(error).__name__, 0]
            else:
                events = pq.read_table(reader.target, columns=["subject", "fault"])
                good = pc.equal(events["subject"], "010190-999F")
                fine = events.filter(pc.and_(good, pc.is_null(events["fault"]))).num_rows
                faults = [one for one in events["fault"].unique().to_pylist() if one]
                told[name] = [faults[0] if faults else "", fine]
    print(json.dumps({"told": told, "grew": peak() - before}))


if __name__ == "__main__":
    sys.exit(main())
