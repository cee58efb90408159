"""The long run: `python -m vtj_pipeline_tests.attacks.fuzz --minutes 60`.

What is drawn is new every time. What is found is printed as the fuzz made it smaller, with its
seed, and the run goes on; add such an answer to `test_fuzz.FOUND`.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from vtj_pipeline_tests.attacks.fuzz.bodies import answers
from vtj_pipeline_tests.attacks.fuzz.reading import Reader, Storable, counted
from vtj_pipeline_tests.servers import embedded_server

ROUND, TOGETHER = 20, 25


class Wrong(AssertionError):
    """Something is not right; the text says what, and of which answer."""


def main() -> None:
    """Read hostile answers until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    until = time.monotonic() + parser.parse_args().minutes * 60
    started, read, found = time.monotonic(), 0, Counter[str]()
    with embedded_server() as server, tempfile.TemporaryDirectory() as folder:
        storable = storable_on(server)
        readers = [Reader(kind, Path(folder) / f"{kind}.parquet", storable)
                   for kind in ("change", "base")]  # fmt: skip
        while time.monotonic() < until:
            for reader in readers:
                read += _round(reader, random.randrange(2**32), found)
            seconds = time.monotonic() - started
            print(f"{read} answers, {seconds:.0f} s, wrong: {counted(found)}", flush=True)


def storable_on(server: str) -> Storable:
    """Asks PostgreSQL whether it takes texts as jsonb."""
    import psycopg2

    connection = psycopg2.connect(server)
    connection.autocommit = True

    def storable(texts: list[str]) -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute("select count(t::jsonb) from unnest(%s::text[]) as t", [texts])
        except (psycopg2.Error, ValueError):
            return False
        return True

    return storable


def _round(reader: Reader, number: int, found: Counter[str]) -> int:
    read = 0

    @seed(number)
    @settings(max_examples=ROUND, deadline=None, database=None, print_blob=False,
              phases=[Phase.generate], report_multiple_bugs=False,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(some=st.lists(answers(reader.kind), min_size=TOGETHER, max_size=TOGETHER))
    def all_are_right(some: list[tuple[bytes, bool]]) -> None:
        nonlocal read
        read += len(some)
        wrong = reader.wrong_in(some)
        if wrong:
            raise Wrong(wrong)

    try:
        all_are_right()
    except Exception as error:  # whatever it is, it is what is looked for
        text = f"{type(error).__name__}: {error}"
        found[text.split(":")[1].strip()[:60]] += 1
        print(f"{reader.kind}, seed {number}: {text[:4000]}", flush=True)
    return read


if __name__ == "__main__":
    main()
