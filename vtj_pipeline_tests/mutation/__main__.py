"""`python -m vtj_pipeline_tests.mutation`: change each fold rule once and see that a test fails.

Prints how many mutants of each rule were found out, and the survivors by name; exit status 1 if one
survives that is not known to be equivalent (`equivalent.py`). Keep out mutants and witnesses.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from multiprocessing import get_context

from vtj_pipeline_tests.mutation.equivalent import EQUIVALENT
from vtj_pipeline_tests.mutation.judging import PROCESSES, Verdict, judge


def main(wanted: str = "") -> int:
    """Judge all mutants (with `wanted` in their name), print what became of them."""
    started = time.perf_counter()
    with get_context("spawn").Pool(PROCESSES) as pool:
        shares = [(number, wanted) for number in range(PROCESSES)]
        judgements = pool.map(judge, shares)
    verdicts = [verdict for one in judgements for verdict in one.verdicts]
    wrong = sorted({each for one in judgements for each in one.wrong})
    print(_table(verdicts))
    names = {one.name for one in verdicts}
    survivors = [one.name for one in verdicts if one.killed_by is None]
    unknown = [name for name in survivors if name not in EQUIVALENT]
    dead = [name for name in EQUIVALENT if name in names and name not in survivors]
    for name in survivors:
        print(f"survives: {name} ({EQUIVALENT.get(name, 'NOT KNOWN TO BE EQUIVALENT')})")
    for each in wrong:
        print(f"the fold is wrong before anything was changed: {each}")
    for name in dead:
        print(f"listed as equivalent and yet found out: {name}")
    gone = [name for name in EQUIVALENT if name not in names and not wanted]
    for name in gone:
        print(f"listed as equivalent and no longer made: {name}")
    print(f"{len(verdicts)} mutants, {time.perf_counter() - started:.0f} s")
    return 1 if unknown or dead or gone or wrong else 0


def _table(verdicts: list[Verdict]) -> str:
    total, killed = Counter[str](), Counter[str]()
    by = Counter(one.killed_by or "nobody" for one in verdicts)
    for one in verdicts:
        total[one.rule] += 1
        killed[one.rule] += one.killed_by is not None
    lines = [f"{'rule':24}{'mutants':>9}{'killed':>9}{'survive':>9}"]
    for rule, count in total.items():
        lines.append(f"{rule:24}{count:9}{killed[rule]:9}{count - killed[rule]:9}")
    lines.append("killed by: " + ", ".join(f"{name} {count}" for name, count in by.most_common()))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
