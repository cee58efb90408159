"""How many examples a property is held by: few in every run, many when asked for.

`PROPERTY_EXAMPLES=20` in the environment of the tests makes it twenty times as many.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

_TIMES = int(os.environ.get("PROPERTY_EXAMPLES", "1"))


def examples(number: int) -> Callable[[Any], Any]:
    """So many examples; each is a publication or several, which take their time.

    An ordinary run draws the same ones every time. Where many are asked for, they are drawn anew
    and what fails is made smaller, which takes minutes.
    """
    small = [Phase.shrink] if _TIMES > 1 else []
    return settings(
        max_examples=number * _TIMES,
        derandomize=_TIMES == 1,
        phases=[Phase.explicit, Phase.reuse, Phase.generate, *small],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
