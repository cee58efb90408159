"""What goes wrong in a task is told in words of ours, or by class and place: never by its data."""

from __future__ import annotations

from traceback import format_exception

import pyarrow as pa
import pytest

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.errors import RegisterError
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import person_key
from vtj_pipeline.register.fold_engine import Plan
from vtj_pipeline.register.spark import spark_session
from vtj_pipeline.register.spark.fold import _ours
from vtj_pipeline.register.spark.staging import Staging
from vtj_pipeline.register.spark.tasks import (
    PIECES,
    TaskFailed,
    Work,
    _telling_nothing,
    read_files,
    told_by,
)
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import DATA_KEY, DATA_KEYS


def test_an_error_of_others_is_told_by_its_class_and_place() -> None:
    code = "-".join(("010190", "999F"))
    with pytest.raises(TaskFailed) as failed, _telling_nothing():
        int(code)
    # As Spark writes it down.
    assert code not in "".join(format_exception(failed.value))
    told = told_by(Exception(f"Traceback …\nTaskFailed: {failed.value!s}\nmore"))
    assert told is not None and told[0] == "" and told[1].startswith("ValueError in test_errors.py")
    assert isinstance(_ours(Exception(f"TaskFailed: {failed.value}")), RegisterError)


@pytest.mark.slow
def test_an_error_of_ours_in_a_task_becomes_the_run_s(
    spark_master: str, settings: Settings
) -> None:
    work = Work(
        program="vtj-pipeline 0.0", data_url=None, keys=DATA_KEYS, person_key=person_key(settings),
        memory="1GB", database=Database("postgresql://nowhere"), catalogue=CATALOGUE,
        batches=pa.table({}), plan=Plan(pa.table({}), pa.table({}), None), groups=(("a",),),
        shares=1, staging=Staging("none", {}),
    )  # fmt: skip
    with spark_session(settings.model_copy(update={"spark_master": spark_master})) as session:
        tasks = session.range(1).mapInArrow(lambda batches: read_files(work, batches), PIECES)
        with pytest.raises(Exception, match="TaskFailed") as failed:
            tasks.collect()
    ours = _ours(failed.value)
    assert type(ours) is RegisterError
    assert str(ours).startswith("A worker was to fold with vtj-pipeline") and "0.0" in str(ours)
    # Neither keys nor addresses are told with it.
    assert DATA_KEY not in str(failed.value) and "nowhere" not in str(failed.value)
