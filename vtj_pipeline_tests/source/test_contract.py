"""One test for each field of contract §2: were it spelt otherwise, it would be noticed.

The envelopes in `envelopes/` were written by hand from the contract, apart from the sandbox and
from the client, so that one misreading cannot hide another. Each key is renamed once; then the
client refuses the answer and names the key, or what it told is in quarantine, or its value is lost.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vtj_pipeline.errors import UnreadableAnswer
from vtj_pipeline.landing import Storage, land_baseline, land_day
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.builders import Bench
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import FakeSource, cursor, told
from vtj_pipeline_tests.source.products import code_list, municipality

ENVELOPES = Path(__file__).with_name("envelopes")
CURSOR = 5_446_623_423
DAY = date(2026, 11, 5)
QUARANTINED, LOST, REFUSED = "quarantined", "lost", "refused"
# Answer → each of its keys above the fields of a group, and what is noticed when it is renamed.
FIELDS = {
    "kirjausavain": {"viimeisinKirjausavain": REFUSED},
    "muutokset": {
        "viimeisinKirjausavain": REFUSED,
        "muutokset": REFUSED,
        "ajanTasalla": REFUSED,
        "muutokset[].henkilotunnus": QUARANTINED,
        "muutokset[].muutospv": QUARANTINED,
        "muutokset[].tietoryhmat": QUARANTINED,
        "muutokset[].tietoryhmat[].tietoryhma": QUARANTINED,
        "muutokset[].tietoryhmat[].muutosattribuutti": QUARANTINED,
        "muutokset[].tietoryhmat[].turvakiellonAlaisetKentat": LOST,
        "muutokset[].tietoryhmat[].voimassaolevatTiedot": LOST,
    },
    "perustiedot": {
        "perustiedot": REFUSED,
        "ajanTasalla": REFUSED,
        "perustiedot[].henkilotunnus": QUARANTINED,
        "perustiedot[].tietoryhmat": QUARANTINED,
        "perustiedot[].tietoryhmat[].tietoryhma": QUARANTINED,
        "perustiedot[].tietoryhmat[].turvakiellonAlaisetKentat": LOST,
    },
    "perustiedot-vko": {
        "perustiedot": REFUSED,
        "ajanTasalla": REFUSED,
        "poimintapv": REFUSED,
        "perustiedot[].henkilotunnus": QUARANTINED,
        "perustiedot[].tietoryhmat": QUARANTINED,
        "perustiedot[].tietoryhmat[].tietoryhma": QUARANTINED,
    },
}
# What the envelopes say, read from them by a person: table → columns → current rows.
CURRENT = {
    "muutokset": {
        "sex": [("010190-999F", "NAINEN")],
        "home_municipality": [("020290-998D", "withheld"), ("030390-997J", "297")],
        "protection_order": [("020290-998D", "true")],
    },
    "perustiedot": {
        "sex": [("010190-999F", "NAINEN")],
        "home_municipality": [("010190-999F", "297"), ("020290-998D", "withheld")],
        "protection_order": [],
    },
    "perustiedot-vko": {
        "sex": [("010190-999F", "NAINEN")],
        "home_municipality": [],
        "protection_order": [],
    },
}
OF_ROWS = (
    "tietoryhma",
    "muutosattribuutti",
    "voimassaolevatTiedot",
    "turvakiellonAlaisetKentat",
)
VALUES = {
    "sex": "sex",
    "home_municipality": "case when withheld then 'withheld' else municipality_code end",
    "protection_order": "is_active::text",
}


def envelope(name: str) -> Any:
    """An envelope of the project's own."""
    return json.loads((ENVELOPES / f"{name}.json").read_text("utf-8"))


@dataclass
class Pipeline:
    """Everything between the source and the register."""

    source: FakeSource
    opens: Opens
    bench: Bench
    folder: Path

    def land(self, answer: str, document: Any) -> None:
        """Let the source give this document, and land it."""
        self.source.on("kirjausavain/2026-11-04", cursor(CURSOR))
        self.source.on("kirjausavain/2026-11-06", cursor(CURSOR + 10_000))
        if answer == "kirjausavain":
            self.source.on("kirjausavain/2026-11-04", told(document))
        self.source.on("muutokset", told(envelope("muutokset.empty")))
        if answer == "muutokset":
            self.source.on("muutokset", told(document), told(envelope("muutokset.empty")))
        if answer in ("kirjausavain", "muutokset"):
            one = municipality()
            land_day(
                one, DAY, self.opens(one), self.bench.storage, self.bench.database,
                today=date(2026, 11, 6), run_id="test",
            )  # fmt: skip
            return
        self._land_baseline(answer, document)

    def _land_baseline(self, answer: str, document: Any) -> None:
        self.source.on(answer, told(document))
        one: Subscription = municipality(municipalities=("297",))
        self.source.on("kirjausavain/2026-11-01", cursor(CURSOR))
        if answer == "perustiedot":
            codes = tuple(envelope("perustiedot.request")["hetulista"])
            one = code_list(self.folder, codes)
            from vtj_pipeline.clock import today_in_finland

            self.source.on(f"kirjausavain/{today_in_finland()}", cursor(CURSOR))
        database = self.bench.database
        land_baseline(one, self.opens(one), self.bench.storage, database, run_id="test")

    def seen(self) -> dict[str, list[tuple[Any, ...]]]:
        """What the register then says."""
        self.bench.publish()
        return {
            table: self.bench.query(
                f"select p.identity_code, {value} from register.{table} as t inner join "
                "register.person as p on t.person_id = p.person_id where t.recorded_to is null "
                "order by 1"
            )
            for table, value in VALUES.items()
        }

    def quarantined(self) -> int:
        """Rows that could not be read."""
        [(rows,)] = self.bench.query("select count(*) from register.quarantine")
        return int(rows)


@pytest.fixture
def pipeline(
    source: FakeSource,
    opens: Opens,
    storage: Storage,
    ready_database: Database,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Pipeline:
    monkeypatch.setenv("VTJ_PERSON_KEY", KEY)
    return Pipeline(source, opens, Bench(ready_database, storage, settings), tmp_path)


def renamed(document: Any, path: str) -> Any:
    """The document with the last key of a path in another spelling, wherever it stands."""
    changed = copy.deepcopy(document)
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    if rest:
        changed[name] = [renamed(one, rest) for one in changed[name]]
        return changed
    if name not in changed:
        return changed
    other = name[:-1] + name[-1].upper()
    return {other if key == name else key: value for key, value in changed.items()}


def keys_of(document: Any, prefix: str = "") -> Iterator[str]:
    """Every key of an envelope above the fields of a group."""
    in_row = prefix.endswith("tietoryhmat[].")
    for key, value in document.items():
        if in_row and key not in OF_ROWS:
            continue
        yield prefix + key
        if not in_row and isinstance(value, list):
            for one in value:
                yield from keys_of(one, f"{prefix}{key}[].")


@pytest.mark.parametrize("answer", FIELDS)
def test_every_key_of_an_answer_has_its_test(answer: str) -> None:
    assert set(keys_of(envelope(answer))) == set(FIELDS[answer])


@pytest.mark.parametrize("answer", CURRENT)
def test_the_envelope_as_the_contract_has_it_is_understood(pipeline: Pipeline, answer: str) -> None:
    pipeline.land(answer, envelope(answer))
    assert pipeline.seen() == CURRENT[answer]
    assert pipeline.quarantined() == 0


@pytest.mark.parametrize(
    ("answer", "path", "outcome"),
    [
        pytest.param(answer, path, outcome, id=f"{answer}-{path}")
        for answer, fields in FIELDS.items()
        for path, outcome in fields.items()
    ],
)
def test_another_spelling_of_a_key_is_noticed(
    pipeline: Pipeline, answer: str, path: str, outcome: str
) -> None:
    document = renamed(envelope(answer), path)
    assert document != envelope(answer)
    if outcome == REFUSED:
        with pytest.raises(UnreadableAnswer, match=path):
            pipeline.land(answer, document)
        return
    pipeline.land(answer, document)
    assert pipeline.seen() != CURRENT[answer]
    assert (pipeline.quarantined() > 0) == (outcome == QUARANTINED)


def test_an_answer_without_messages_moves_the_cursor(pipeline: Pipeline) -> None:
    pipeline.source.on("muutokset", told(envelope("muutokset.empty")))
    answer = pipeline.opens().changes(CURSOR)
    assert (answer.cursor_out, answer.caught_up, answer.answered) == (CURSOR + 77, True, 0)


def test_requests_are_spelt_as_the_contract_has_them(pipeline: Pipeline) -> None:
    source = pipeline.source
    client = pipeline.opens()
    wanted = {
        name: envelope(f"{name}.request")
        for name in ("muutokset", "perustiedot", "perustiedot-vko")
    }
    for name in wanted:
        source.on(name, told(envelope(name)))
    client.changes(CURSOR, wanted["muutokset"]["hetulista"])
    request = wanted["perustiedot"]
    client.basic_data(request["hetulista"], request["tietoryhmat"])
    request = wanted["perustiedot-vko"]
    client.weekly_copy(municipalities=request["kuntakoodit"], groups=request["tietoryhmat"])
    assert {name: source.bodies(name) for name in wanted} == {
        name: [request] for name, request in wanted.items()
    }
    assert {one.method for one in source.asked} == {"POST"}
