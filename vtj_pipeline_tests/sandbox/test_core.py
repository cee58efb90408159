"""What the sandbox promises: the same life every time, honest pages, masks, and a true feed."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import RequestRefusedError, Sandbox, SandboxOptions
from vtj_pipeline.sandbox.codes import CHECK_CHARACTERS

START = date(2026, 1, 1)
OPTIONS = SandboxOptions(persons=800, days=40, activity=60.0, protected_share=0.03, page_size=97)
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(OPTIONS)


def feed(sandbox: Sandbox, since: date = START, account: str = "mutpT1x") -> list[dict[str, Any]]:
    cursor, messages = sandbox.cursor_of_day(since), []
    while True:
        page = sandbox.changes(cursor, account=account)
        cursor = page["viimeisinKirjausavain"]
        messages += page["muutokset"]
        if page["ajanTasalla"]:
            return messages


def shape(message: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["tietoryhma"], row["muutosattribuutti"]) for row in message["tietoryhmat"]]


def state(sandbox: Sandbox, account: str = "mutpT1x") -> dict[str, Rows]:
    made: dict[str, Rows] = {}
    for person in sandbox.weekly_copy(account=account)["perustiedot"]:
        groups = made.setdefault(person["henkilotunnus"], {})
        for row in person["tietoryhmat"]:
            groups.setdefault(row["tietoryhma"], []).append(row)
    return made


def test_equal_options_give_equal_answers_however_the_clock_moves(sandbox: Sandbox) -> None:
    other = Sandbox(OPTIONS)
    other.advance_to(START + timedelta(days=7))
    partial = feed(other)
    for days in (8, 3, 40):
        other.advance_to(START + timedelta(days=days))
    assert feed(other) == feed(sandbox)
    assert partial == feed(sandbox)[: len(partial)]
    assert other.weekly_copy() == sandbox.weekly_copy()


def test_codes_are_synthetic_unique_and_carry_the_right_check_character(sandbox: Sandbox) -> None:
    codes = {message["henkilotunnus"] for message in feed(sandbox)}
    codes |= set(sandbox.in_scope_codes())
    assert all(900 <= int(code[7:10]) <= 999 for code in codes)
    assert all(CHECK_CHARACTERS[int(c[:6] + c[7:10]) % 31] == c[10] for c in codes)
    assert len(sandbox.in_scope_codes()) == len(set(sandbox.in_scope_codes()))
    assert {code[6] for code in codes} >= set("-YXWVUABCDEF")


@pytest.mark.parametrize(
    "rows",
    [
        "OSOITE+ OSOITE* KOTIKUNTA+ EDELLINEN_KOTIKUNTA* VAESTOKIRJANPITOKUNTA* TUNNUS+ TUNNUS*",
        "OSOITE+ OSOITE* TUNNUS+",
        "OSOITE- OSOITE? OSOITE! KOTIKUNTA- KOTIKUNTA. EDELLINEN_KOTIKUNTA? EDELLINEN_KOTIKUNTA!",
        "OSOITE- OSOITE? OSOITE! KOTIKUNTA- KOTIKUNTA.",
        "HENKILOTUNNUS_KORJAUS+ HENKILOTUNNUS_KORJAUS* HENKILON_NIMI. SYNTYMAPAIVA*",
        "HENKILOTUNNUS_KORJAUS+ HENKILOTUNNUS_KORJAUS* SUKUPUOLI* HENKILON_NIMI. SYNTYMAPAIVA*",
        "HENKILON_NIMI* NIMENMUUTOS+ NIMENMUUTOS* NIMENMUUTOS_LAAJA+ NIMENMUUTOS_LAAJA*",
        "NIMENMUUTOS+ NIMENMUUTOS* NIMENMUUTOS_LAAJA+ NIMENMUUTOS_LAAJA* KUTSUMANIMI+ KUTSUMANIMI*",
        "KUOLINPAIVA+",
        "KUOLINPAIVA? KUOLINPAIVA!",
        "AIDINKIELI+ AIDINKIELI-",
        "KOTIMAINEN_POSTIOSOITE+ KOTIMAINEN_POSTIOSOITE*",
        "EDELLINEN_KOTIKUNTA? EDELLINEN_KOTIKUNTA!",
        "OSOITE? OSOITE!",
        "TURVAKIELTO* OSOITE* KOTIMAINEN_POSTIOSOITE* KOTIKUNTA*",
    ],
)
def test_rows_of_an_event_come_in_the_order_of_the_contract(sandbox: Sandbox, rows: str) -> None:
    signs = {
        "+": "LISATTY", "*": "MUUTETTU", "-": "POISTETTU",
        "?": "KORJATTAVA", "!": "KORJATTU", ".": "LISATIETO",
    }  # fmt: skip
    names = {
        "OSOITE": "VAKINAINEN_KOTIMAINEN_OSOITE",
        "TUNNUS": "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
    }
    wanted = [(names.get(row[:-1], row[:-1]), signs[row[-1]]) for row in rows.split()]
    assert wanted in [shape(message) for message in feed(sandbox)]


def test_pages_meet_without_gap_or_overlap_and_can_be_read_again(sandbox: Sandbox) -> None:
    cursor = sandbox.cursor_of_day(START)
    first = sandbox.changes(cursor)
    assert len(first["muutokset"]) == OPTIONS.page_size
    assert not first["ajanTasalla"]
    assert sandbox.changes(cursor) == first
    second = sandbox.changes(first["viimeisinKirjausavain"])
    assert feed(sandbox)[: 2 * 97] == first["muutokset"] + second["muutokset"]
    assert cursor > 2**32


def test_a_last_page_that_is_exactly_full_is_caught_up() -> None:
    total = len(feed(Sandbox(SandboxOptions(persons=50, days=20, activity=40.0))))
    full = Sandbox(SandboxOptions(persons=50, days=20, activity=40.0, page_size=total))
    page = full.changes(full.cursor_of_day(START))
    assert total > 1
    assert len(page["muutokset"]) == total
    assert page["ajanTasalla"]


def test_the_cursor_of_a_day_gives_that_day_in_helsinki_and_order(sandbox: Sandbox) -> None:
    day = START + timedelta(days=20)
    messages = feed(sandbox, day)
    moments = [message["muutospv"] for message in feed(sandbox)]
    assert messages[0]["muutospv"].startswith(day.isoformat())
    assert moments == sorted(moments)
    assert moments[-1] < sandbox.today.isoformat()
    codes = {messages[0]["henkilotunnus"]}
    only = sandbox.changes(sandbox.cursor_of_day(day), codes)
    assert {message["henkilotunnus"] for message in only["muutokset"]} == codes


def test_a_protected_person_shows_16_masks_and_no_place_to_a_censored_account(
    sandbox: Sandbox,
) -> None:
    open_view, masked_view = state(sandbox, "mutpT1"), state(sandbox)
    hidden = [
        code
        for code, groups in open_view.items()
        if groups.get("TURVAKIELTO", [{}])[0].get("turvakieltoAktiivinen")
    ]
    assert hidden
    for code in hidden:
        masks = [
            g for g, rows in masked_view[code].items() if "turvakiellonAlaisetKentat" in rows[0]
        ]
        assert len(masks) == 16
        assert "VAESTOKIRJANPITOKUNTA" not in masked_view[code]
        assert "kuntakoodi" in open_view[code]["KOTIKUNTA"][0]
    begun = [m for m in feed(sandbox) if shape(m)[0] == ("TURVAKIELTO", "LISATTY")]
    assert begun
    for row in begun[0]["tietoryhmat"][1:]:
        assert set(row) == {"tietoryhma", "muutosattribuutti", "turvakiellonAlaisetKentat"}


SINGLE = (
    "HENKILON_NIMI", "KUTSUMANIMI", "SYNTYMAPAIVA", "SUKUPUOLI", "KUOLINPAIVA", "TURVAKIELTO",
    "KOTIKUNTA", "VAKINAINEN_KOTIMAINEN_OSOITE", "KOTIMAINEN_POSTIOSOITE", "AIDINKIELI",
    "SYNTYMAKOTIKUNTA", "KANSALAISUUS",
)  # fmt: skip
DELTAS = ("muutosattribuutti", "voimassaolevatTiedot", "lisatytKansalaisuudet")


def reopen(former: list[dict[str, Any]], back: dict[str, Any]) -> None:
    """Take away the closed stay that is the present one again (contract §4.4)."""
    kept = ("kuntakoodi", "kuntaanMuuttopv")
    former[:] = [row for row in former if any(row[name] != back[name] for name in kept)]


def replay(people: dict[str, Rows], message: dict[str, Any]) -> None:
    """Apply a message in the plainest way: what is in force replaces, what ended is left alone."""
    rows = message["tietoryhmat"]
    person = people.setdefault(message["henkilotunnus"], {})
    for row in rows:
        group, attribute = row["tietoryhma"], row["muutosattribuutti"]
        bare = {k: v for k, v in row.items() if k not in (*DELTAS, "muutetutKansalaisuudet")}
        former = person.setdefault("EDELLINEN_KOTIKUNTA", [])
        if group == "EDELLINEN_KOTIKUNTA":
            if attribute == "KORJATTAVA":
                former.remove(bare)
            elif "kunnastaPoisMuuttopv" in bare:
                former.append(bare)
        elif group == "HENKILOTUNNUS_KORJAUS" and attribute == "LISATTY":
            people[row["aktiivinenHenkilotunnus"]] = person
        elif group in SINGLE and attribute == "POISTETTU":
            person[group] = row["voimassaolevatTiedot"]
            if group == "KOTIKUNTA" and "EDELLINEN_KOTIKUNTA" not in dict(shape(message)):
                reopen(former, person[group][0])
        elif group in SINGLE and attribute not in ("KORJATTAVA", "LISATIETO"):
            previous = bare.get("nimilaji") == "EDELLINEN_KUTSUMANIMI"
            if "loppupv" not in bare and not previous:
                person[group] = [bare]


@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
def test_the_feed_leads_from_the_first_day_to_what_the_truth_shows(account: str) -> None:
    options = SandboxOptions(
        persons=800, activity=60.0, protected_share=0.03, mask_absent_groups=False
    )
    sandbox = Sandbox(options)
    sandbox.advance_to(START)
    people = state(sandbox, account)
    sandbox.advance_to(START + timedelta(days=40))
    for message in feed(sandbox, account=account):
        replay(people, message)
    differing: Counter[str] = Counter()
    for code, groups in state(sandbox, account).items():
        for group in (*SINGLE, "EDELLINEN_KOTIKUNTA"):
            mine, true = people[code].get(group, []), groups.get(group, [])
            differing[group] += sorted(map(repr, mine)) != sorted(map(repr, true))
    assert +differing == Counter()


def test_only_persons_of_the_product_are_answered(sandbox: Sandbox) -> None:
    inside = set(sandbox.municipalities)
    shown = state(sandbox, "mutpT1")
    assert {rows["KOTIKUNTA"][0]["kuntakoodi"] for rows in shown.values()} <= inside
    gone = {m["henkilotunnus"] for m in feed(sandbox)} - set(shown)
    assert gone
    assert sandbox.basic_data(sorted(gone)[:100])["perustiedot"] == []
    one = sandbox.basic_data(sandbox.in_scope_codes()[:1], ["SUKUPUOLI"])["perustiedot"][0]
    assert [row["tietoryhma"] for row in one["tietoryhmat"]] == ["SUKUPUOLI"]


def test_impossible_requests_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(RequestRefusedError, match="1001"):
        sandbox.basic_data(["x"] * 1001)
    with pytest.raises(SandboxError, match="first day"):
        sandbox.advance_to(START - timedelta(days=1))
    short = Sandbox(SandboxOptions(persons=20, days=20, retention_days=14, activity=99.0))
    with pytest.raises(RequestRefusedError, match="older than the 14 days"):
        short.changes(short.cursor_of_day(START))
    assert "muutokset" in short.changes(short.cursor_of_day(START + timedelta(days=6)))
