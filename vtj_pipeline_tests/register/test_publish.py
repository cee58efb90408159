"""One publication at a time."""

from __future__ import annotations

from contextlib import closing

import pytest

from vtj_pipeline.errors import RegisterBusy
from vtj_pipeline.register.publish import WRITER_LOCK
from vtj_pipeline_tests.builders import Bench, basic, row


def test_a_register_that_another_run_is_writing_is_left_alone(bench: Bench) -> None:
    bench.land([basic("A", row("SUKUPUOLI", sukupuoli="MIES"))], kind="baseline")
    with closing(bench.database.connect()) as other, other.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext(%s))", (WRITER_LOCK,))
        with pytest.raises(RegisterBusy, match="another run is writing it"):
            bench.publish()
    assert bench.publish().persons == 1
    assert bench.publish(rebuild=True).nothing_to_do
