"""The fold on a Spark cluster: shares of the persons, each folded by a task as one machine does.

Spark divides, shuffles and tries again; what an event means is said by the same statements in the
same engine (`fold_engine.py`), so that both ways end with the same rows. Keep out statements about
events (`../sql/`) and what is done with folded rows (`../publish.py`).
"""

from vtj_pipeline.register.spark.fold import spark_fold
from vtj_pipeline.register.spark.session import require_spark, spark_session
from vtj_pipeline.register.spark.staging import drop_left_staging

__all__ = ["drop_left_staging", "require_spark", "spark_fold", "spark_session"]
