"""Hand-written cases about codes that are replaced, restated, or were given to two persons."""

from __future__ import annotations

from vtj_pipeline_tests.builders import CODES, day, row
from vtj_pipeline_tests.register.cases import T1, T2, T3, Case, change, first, fresh, now
from vtj_pipeline_tests.register.cases_person import code_row

_A, _C, _N = CODES["A"], CODES["C"], CODES["N"]
_REPLACED = change(1, T1, code_row(_N, _N, "LISATTY"), code_row(_A, _N, "MUUTETTU"))

CODE_CASES = (
    Case(
        "a code that is replaced stays, passive, whatever is listed later",
        (
            first(row("SUKUPUOLI", sukupuoli="MIES")),
            _REPLACED,
            fresh(code_row(_N, _N), person="N"),
        ),
        (now("identity_code", "identity_code is_active", (_A, False), (_N, True), person="N"),),
    ),
    Case(
        "each change of code repeats the earlier ones, and all are one person's",
        (
            first(row("SUKUPUOLI", sukupuoli="MIES")),
            _REPLACED,
            change(
                2,
                T2,
                code_row(_C, _C, "LISATTY"),
                code_row(_N, _C, "MUUTETTU"),
                code_row(_A, _C, "MUUTETTU"),
                person="N",
            ),
        ),
        (
            now(
                "identity_code",
                "identity_code is_active",
                (_A, False),
                (_N, False),
                (_C, True),
                person="C",
            ),
            now("sex", "sex", ("MIES",), person="C"),
        ),
    ),
    Case(
        "a code that two persons have had is not followed again when it is repeated",
        (
            first(row("SUKUPUOLI", sukupuoli="MIES")),
            _REPLACED,
            change(
                2,
                T2,
                row("SYNTYMAPAIVA", "LISATTY", syntymapv=day("1990-01-01")),
                row("SUKUPUOLI", "LISATTY", sukupuoli="NAINEN"),
            ),
            change(
                3,
                T3,
                code_row(_C, _C, "LISATTY"),
                code_row(_N, _C, "MUUTETTU"),
                code_row(_A, _C, "MUUTETTU"),
                person="N",
            ),
        ),
        (
            now("sex", "sex", ("NAINEN",), person="A"),
            now("sex", "sex", ("MIES",), person="C"),
        ),
    ),
)
