"""What happens in a feed: events of contract §4.3 by the rows of their messages, groups by row.

An event is recognised by its message alone, as a reader of the feed would. Add an event of the
contract to `EVENTS`, and a cell that cannot be filled to `IMPOSSIBLE` with the reason. Keep out how
feeds are made (`feeds.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from vtj_pipeline_tests.register.feeds import GROUPS

Row = dict[str, Any]
Cell = tuple[str, str]
ATTRIBUTES = ("LISATTY", "MUUTETTU", "POISTETTU", "KORJATTAVA", "KORJATTU", "LISATIETO")
SNAPSHOT = "SNAPSHOT"
ADDRESS, HOME, PAST_HOME = "VAKINAINEN_KOTIMAINEN_OSOITE", "KOTIKUNTA", "EDELLINEN_KOTIKUNTA"
CODE, NAME, NAMES = "HENKILOTUNNUS_KORJAUS", "HENKILON_NIMI", "NIMENMUUTOS"
NO_HOME = ("198", "199")


class Message:
    """A message, asked for its rows by group and attribute."""

    def __init__(self, message: Row) -> None:
        self.at = str(message.get("muutospv", ""))[:10]
        self.rows: list[Row] = message.get("tietoryhmat", [])

    def find(self, group: str, attribute: str | None = None, **fields: Any) -> list[Row]:
        """The rows of a group, with an attribute and with these fields if they are given."""
        return [
            row
            for row in self.rows
            if row.get("tietoryhma") == group
            and attribute in (None, row.get("muutosattribuutti"))
            and all(row.get(name) == value for name, value in fields.items())
        ]

    @property
    def is_whole(self) -> bool:
        """Whether it tells a person who is new to the reader: the birth date comes as LISATTY."""
        return bool(self.find("SYNTYMAPAIVA", "LISATTY"))


def _moved(m: Message, *municipalities: str) -> bool:
    """Whether another home began and the old one ended, in one of these municipalities if given."""
    begun = m.find(HOME, "LISATTY")
    return (
        not m.is_whole
        and bool(m.find(PAST_HOME, "MUUTETTU"))
        and any(row.get("kuntakoodi") in municipalities or not municipalities for row in begun)
    )


def _between(m: Message) -> bool:
    return _moved(m) and bool(m.find(ADDRESS, "LISATTY"))


def _within(m: Message) -> bool:
    return not m.is_whole and bool(m.find(ADDRESS, "LISATTY")) and not m.find(HOME)


def _cancelled(m: Message) -> bool:
    return any("voimassaolevatTiedot" in row for row in m.find(HOME, "POISTETTU"))


def _renamed(kind: str) -> Callable[[Message], bool]:
    def happened(m: Message) -> bool:
        begun = m.find(NAMES, "LISATTY", nimilaji=f"NYKYINEN_{kind}")
        ended = m.find(NAMES, "MUUTETTU", nimilaji=f"EDELLINEN_{kind}")
        return bool(begun and ended) and bool(m.find(NAME)) == (kind != "KUTSUMANIMI")

    return happened


def _recoded(m: Message) -> bool:
    return bool(m.find(CODE, "LISATTY", voimassaolo="AKTIIVI")) and bool(
        m.find(CODE, "MUUTETTU", voimassaolo="PASSIIVI")
    )


def _merged(m: Message) -> bool:
    return bool(m.find(CODE, "LISATIETO", voimassaolo="AKTIIVI")) and bool(
        m.find(CODE, "MUUTETTU", voimassaolo="PASSIIVI")
    )


def _passivated(m: Message) -> bool:
    told = m.find(CODE, "MUUTETTU", voimassaolo="PASSIIVI")
    return any(not row.get("aktiivinenHenkilotunnus") for row in told)


def _died(m: Message) -> bool:
    return not m.is_whole and bool(m.find("KUOLINPAIVA", "LISATTY", kuollut=True))


def _guardians(m: Message) -> bool:
    ended = [row for row in m.find("HUOLTAJA", "MUUTETTU") if row.get("huoltosuhteenMuutos")]
    return bool(m.find("HUOLTAJA", "LISATTY")) and bool(ended)


def _future_end(m: Message) -> bool:
    return any(
        row.get("voimassaolevatTiedot") and row["huoltosuhteenLoppupv"]["arvo"] > m.at
        for row in m.find("HUOLTAJA", "MUUTETTU")
    )


def _birth_on_parent(m: Message) -> bool:
    wards = [row["huollettava"] for row in m.find("HUOLLETTAVA_SUPPEA", "LISATTY")]
    return not m.is_whole and any(set(ward) == {"henkilotunnus"} for ward in wards)


def _newborn(m: Message) -> bool:
    return m.is_whole and bool(m.find("HUOLTAJA_SUPPEA", "LISATTY")) and not m.find(NAME)


def _protected(m: Message) -> bool:
    return bool(m.find("TURVAKIELTO", "LISATTY", turvakieltoAktiivinen=True)) and not m.is_whole


def _masked(m: Message) -> bool:
    return _protected(m) and any("turvakiellonAlaisetKentat" in row for row in m.rows)


class Event(NamedTuple):
    """An event of contract §4.3 (or §4.5): how its message looks, and the attributes it has."""

    happened: Callable[[Message], bool]
    attributes: tuple[str, ...]


_NEW_AND_CLOSED = ("LISATTY", "MUUTETTU")
_CANCELLED = ("POISTETTU", "KORJATTAVA", "KORJATTU", "LISATIETO")
EVENTS: dict[str, Event] = {
    "move between municipalities": Event(_between, _NEW_AND_CLOSED),
    "move inside municipality": Event(_within, _NEW_AND_CLOSED),
    "cancelled move": Event(lambda m: _cancelled(m) and bool(m.find(PAST_HOME)), _CANCELLED),
    "cancelled move, no pair": Event(lambda m: _cancelled(m) and not m.find(PAST_HOME), _CANCELLED),
    "postal address change": Event(
        lambda m: (
            not m.is_whole
            and bool(m.find("KOTIMAINEN_POSTIOSOITE", "LISATTY"))
            and bool(m.find("KOTIMAINEN_POSTIOSOITE", "MUUTETTU"))
        ),
        _NEW_AND_CLOSED,
    ),
    "given name change": Event(_renamed("ETUNIMI"), _NEW_AND_CLOSED),
    "surname change": Event(_renamed("SUKUNIMI"), _NEW_AND_CLOSED),
    "call name change": Event(_renamed("KUTSUMANIMI"), _NEW_AND_CLOSED),
    "hetu change": Event(_recoded, (*_NEW_AND_CLOSED, "LISATIETO")),
    "hetu change with sex": Event(
        lambda m: _recoded(m) and bool(m.find("SUKUPUOLI", "MUUTETTU")), _NEW_AND_CLOSED
    ),
    "two codes merged": Event(_merged, ("MUUTETTU", "LISATIETO")),
    "code passivated": Event(_passivated, ("MUUTETTU",)),
    "death": Event(_died, ("LISATTY",)),
    "death without a date": Event(
        lambda m: _died(m) and not any("kuolinpv" in row for row in m.find("KUOLINPAIVA")),
        ("LISATTY",),
    ),
    "death removed": Event(
        lambda m: bool(m.find("KUOLINPAIVA", "KORJATTU", kuollut=False)),
        ("KORJATTAVA", "KORJATTU"),
    ),
    "protection on": Event(_protected, ("LISATTY",)),
    "protection on, masked": Event(_masked, _NEW_AND_CLOSED),
    "protection off": Event(
        lambda m: bool(m.find("TURVAKIELTO", "MUUTETTU", turvakieltoAktiivinen=False)),
        ("MUUTETTU", "LISATIETO"),
    ),
    "nationality": Event(lambda m: bool(m.find("KANSALAISUUS", "MUUTETTU")), ("MUUTETTU",)),
    "mother tongue": Event(
        lambda m: (
            bool(m.find("AIDINKIELI", "LISATTY"))
            and any("voimassaolevatTiedot" in row for row in m.find("AIDINKIELI", "POISTETTU"))
        ),
        ("LISATTY", "POISTETTU"),
    ),
    "guardians by decision": Event(_guardians, _NEW_AND_CLOSED),
    "guardian remains, future end": Event(_future_end, _NEW_AND_CLOSED),
    "birth, on the parent": Event(_birth_on_parent, ("LISATTY",)),
    "birth, on the child": Event(_newborn, ("LISATTY",)),
    "parenthood": Event(
        lambda m: not m.is_whole and bool(m.find("LAPSI_SUPPEA", "LISATTY")), ("LISATTY",)
    ),
    "emigration": Event(
        lambda m: _moved(m, "200") and bool(m.find("POISSAOLO", "LISATTY")), _NEW_AND_CLOSED
    ),
    "home municipality removed": Event(lambda m: _moved(m, *NO_HOME), _NEW_AND_CLOSED),
    "person moves in, all told": Event(
        lambda m: m.is_whole and bool(m.find(PAST_HOME)), _NEW_AND_CLOSED
    ),
}
_ONE_ROW_ALWAYS = "the person always has the row, it is never taken away"
_RESTATED = "its list or row is told anew as a whole, never corrected as a pair"
IMPOSSIBLE: dict[Cell, str] = {
    ("AIDINKIELI", "MUUTETTU"): "a change is LISATTY and POISTETTU (§4.3)",
    ("HENKILON_NIMI", "POISTETTU"): _ONE_ROW_ALWAYS,
    ("SIVIILISAATY", "POISTETTU"): _ONE_ROW_ALWAYS,
    ("SUKUPUOLI", "POISTETTU"): _ONE_ROW_ALWAYS,
    ("SYNTYMAPAIVA", "POISTETTU"): _ONE_ROW_ALWAYS,
    ("KANSALAISUUS", "POISTETTU"): "the row tells the list after the change (§3.1)",
    ("KUOLINPAIVA", "MUUTETTU"): "a death is begun or corrected (§4.3)",
    ("KUOLINPAIVA", "POISTETTU"): "a death is taken back by a correction (§4.3)",
    ("JARJESTYSKIRJAIN", "MUUTETTU"): "a letter is given once",
    ("JARJESTYSKIRJAIN", "POISTETTU"): "a letter is given once",
    ("LAPSEN_REKISTEROINNIN_LISATIEDOT", "MUUTETTU"): "told once, at the birth",
    ("LAPSEN_REKISTEROINNIN_LISATIEDOT", "POISTETTU"): "told once, at the birth",
    ("REKISTEROITY_PARISUHDE", "POISTETTU"): "it only ends or turns into a marriage",
    (CODE, "POISTETTU"): "a code is replaced or passivated (§4.5)",
    **{
        (group, attribute): _RESTATED
        for group in (
            CODE,
            "JARJESTYSKIRJAIN",
            "VAKINAINEN_ULKOMAILLA_ASUMINEN",
            "EDUNVALVONTA",
            "EDUNVALVONTAVALTUUTUS",
            "KUTSUMANIMI",
            "LAPSEN_REKISTEROINNIN_LISATIEDOT",
            "MAASTAMUUTON_LISATIEDOT_HUOLTAJASTA",
            "MAASTAMUUTON_LISATIEDOT_PUOLISOSTA",
            "MAASTAMUUTON_LISATIEDOT_VANHEMMASTA",
            "NIMENMUUTOS",
            "NIMENMUUTOS_LAAJA",
        )
        for attribute in ("KORJATTAVA", "KORJATTU")
    },
    **{
        (group, "POISTETTU"): "a name is closed, never taken away"
        for group in ("KUTSUMANIMI", "NIMENMUUTOS", "NIMENMUUTOS_LAAJA")
    },
}


class Coverage:
    """Counts of rows, by event and attribute and by group and attribute."""

    def __init__(self) -> None:
        self.events: Counter[Cell] = Counter()
        self.groups: Counter[Cell] = Counter()

    def add_answers(self, answers: Iterable[Row]) -> None:
        """Count the rows of landed `perustiedot`."""
        for person in answers:
            for row in person["tietoryhmat"]:
                self.groups[row["tietoryhma"], SNAPSHOT] += 1

    def add_messages(self, messages: Iterable[Row]) -> None:
        """Count the rows of messages, and the events that they tell."""
        for each in messages:
            message = Message(each)
            cells = Counter(
                (str(row.get("tietoryhma")), str(row.get("muutosattribuutti")))
                for row in message.rows
            )
            self.groups.update(cells)
            for name, event in EVENTS.items():
                if event.happened(message):
                    for (_, attribute), count in cells.items():
                        self.events[name, attribute] += count

    def empty(self) -> list[Cell]:
        """The cells that must have been filled and are not."""
        wanted = [(name, a) for name, event in EVENTS.items() for a in event.attributes]
        empty = [cell for cell in wanted if not self.events[cell]]
        cells = [(group, a) for group in sorted(GROUPS) for a in (SNAPSHOT, *ATTRIBUTES)]
        return empty + [cell for cell in cells if not self.groups[cell] and cell not in IMPOSSIBLE]

    def filled_though_impossible(self) -> list[Cell]:
        """Cells that the list of the impossible holds wrongly."""
        return [cell for cell in IMPOSSIBLE if self.groups[cell]]

    def table(self) -> str:
        """Both tables as text: counts only."""
        events = _lines("event", list(EVENTS), self.events, ATTRIBUTES, {})
        of_groups = (SNAPSHOT, *ATTRIBUTES)
        groups = _lines("group", sorted(GROUPS), self.groups, of_groups, IMPOSSIBLE)
        return "\n".join([*events, "", *groups])


def _lines(
    title: str,
    names: list[str],
    counts: Counter[Cell],
    attributes: tuple[str, ...],
    impossible: dict[Cell, str],
) -> list[str]:
    head = f"{title:44}" + "".join(f"{a:>11}" for a in attributes)
    body = [
        f"{name:44}"
        + "".join(
            f"{'–' if (name, a) in impossible and not counts[name, a] else counts[name, a]:>11}"
            for a in attributes
        )
        for name in names
    ]
    return [head, *body]
