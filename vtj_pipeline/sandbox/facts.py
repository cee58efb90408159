"""Events of who people are: births, deaths, names, language, citizenship, protection, codes.

Each function changes the truth and tells the message, rows in the order of contract §4.3. Add an
event as one function of (world, rng) and name it in `life`. Keep out homes (`moves`).
"""

from datetime import date, timedelta
from random import Random
from typing import Any

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.codes import new_code
from vtj_pipeline.sandbox.population import FINLAND, LANGUAGES, put_language
from vtj_pipeline.sandbox.rows import MASKED_FIELDS, Row, change, day, day_of
from vtj_pipeline.sandbox.truth import Person
from vtj_pipeline.sandbox.world import World


def _is_mother(world: World, person: Person) -> bool:
    return person.sex == "NAINEN" and not person.is_protected and 18 <= person.age(world.day) <= 45


def birth(world: World, rng: Random) -> None:
    """A child is born to a resident: the child's full set as LISATTY, often without a name."""
    mother = world.pick(rng, lambda p: _is_mother(world, p))
    if mother is None:
        return
    born = world.day - timedelta(days=1 + int(rng.random() * 4))
    child = world.maker.person(rng, len(world.persons), born, mother.household)
    world.maker.settle(child, mother.one(r.ADDRESS), born)
    tongue = {**mother.one("AIDINKIELI"), "alkupv": day(born)}
    held = r.citizenships([r.citizenship(FINLAND, born)])
    place = r.single("SYNTYMAKOTIKUNTA", kuntakoodi=mother.municipality)
    child.put(tongue, held, place, r.single("SIVIILISAATY", siviilisaaty="NAIMATON"))
    if rng.random() < 0.3:
        _first_name(world, rng, child, mother)
    else:
        world.unnamed.append(child.number)
    world.add(child)
    world.tell_all(child)


def _first_name(world: World, rng: Random, child: Person, relative: Person) -> None:
    given = world.maker.given_names(rng, child.sex)
    names = relative.rows.get("HENKILON_NIMI")
    last = names[0]["sukunimi"] if names else world.maker.places.surnames.draw(rng)
    world.maker.name(child, given, last, given[0])


def naming(world: World, rng: Random) -> None:
    """A child gets its name: HENKILON_NIMI and KUTSUMANIMI LISATTY."""
    if not world.unnamed:
        return
    child = world.persons[world.unnamed.pop(0)]
    if child.is_dead or child.is_closed:
        return
    relative = world.households[child.household][0]
    _first_name(world, rng, child, relative)
    rows = [child.one("HENKILON_NIMI"), child.one("KUTSUMANIMI")]
    world.tell(child, [change("LISATTY", row) for row in rows])


def death(world: World, rng: Random) -> None:
    """A death: one row, and every other row stays (contract §4.3, §9 #17)."""
    limit = 60 if rng.random() < 0.9 else 0
    person = world.pick(rng, lambda p: p.age(world.day) >= limit)
    if person is None:
        return
    row = r.single("KUOLINPAIVA", kuollut=True)
    if rng.random() < 0.98:
        when = max(person.born, world.day - timedelta(days=int(rng.random() * 5)))
        row = {**row, "kuolinpv": day(when)}
    person.put(row)
    person.is_dead = True
    world.dead.append(person.number)
    world.tell(person, [change("LISATTY", row)])


def death_undone(world: World, rng: Random) -> None:
    """A death that was recorded by mistake is taken back (contract §4.3)."""
    person = world.pick_from(rng, world.dead[-40:], lambda p: p.is_dead and not p.is_closed)
    if person is None:
        return
    wrong, right = person.one("KUOLINPAIVA"), r.single("KUOLINPAIVA", kuollut=False)
    person.put(right)
    person.is_dead = False
    world.tell(person, (change("KORJATTAVA", wrong), change("KORJATTU", right)))


def _has_name(person: Person) -> bool:
    return "HENKILON_NIMI" in person.rows


def _history_of_name(
    person: Person, part: str, old: str, new: str, since: date, *, known: Row | None = None
) -> list[Row]:
    """Put the NIMENMUUTOS rows of a change into the truth and return their change rows."""
    told: list[Row] = []
    manners = {"ETUNIMI": "ETUNIMEN_MUUTOS_HAKEMUKSELLA", "KUTSUMANIMI": "KUTSUMANIMEN_MUUTOS"}
    for group in ("NIMENMUUTOS", "NIMENMUUTOS_LAAJA"):
        more: dict[str, Any] = {"alkupv": day(since)}
        if group == "NIMENMUUTOS_LAAJA" and part in manners:
            more["nimenmuutostapa"] = manners[part]
        present = r.name_row(group, f"NYKYINEN_{part}", new, **more)
        began = {"alkupv": known["alkupv"]} if known and "alkupv" in known else {}
        former = r.name_row(group, f"EDELLINEN_{part}", old, **began, loppupv=day(since))
        kept = (row for row in person.rows.get(group, ()) if row["nimilaji"] != f"NYKYINEN_{part}")
        person.rows[group] = (*kept, present, former)
        told += [change("LISATTY", present), change("MUUTETTU", former)]
    return told


def _change_name(world: World, person: Person, first: str, last: str, since: date) -> None:
    old = person.one("HENKILON_NIMI")
    new = r.official_name(first, last, since)
    person.put(new)
    part, field = ("ETUNIMI", "etunimi") if first != old["etunimi"] else ("SUKUNIMI", "sukunimi")
    rows = _history_of_name(person, part, old[field], new[field], since, known=old)
    world.tell(person, [change("MUUTETTU", new), *rows])


def _name_day(world: World, rng: Random, person: Person) -> date | None:
    after = person.born
    if "alkupv" in person.one("HENKILON_NIMI"):
        after = person.settled("HENKILON_NIMI")
    return world.recently(rng, 10, after)


def given_name(world: World, rng: Random) -> None:
    """Change given names; the name in daily use stays among them (contract §4.3)."""
    person = world.pick(rng, _has_name)
    since = _name_day(world, rng, person) if person else None
    if person is None or since is None:
        return
    old = person.one("HENKILON_NIMI")
    call = person.rows.get("KUTSUMANIMI", ({"nimi": old["etunimi"].split()[0]},))[0]["nimi"]
    fresh = [n for n in world.maker.given_names(rng, person.sex) if n != call]
    first = " ".join([call, *fresh])
    if first != old["etunimi"]:
        _change_name(world, person, first, old["sukunimi"], since)


def surname(world: World, rng: Random) -> None:
    """Change the surname (contract §4.3)."""
    person = world.pick(rng, _has_name)
    since = _name_day(world, rng, person) if person else None
    if person is None or since is None:
        return
    old = person.one("HENKILON_NIMI")
    last = world.maker.places.surnames.draw(rng)
    if last != old["sukunimi"]:
        _change_name(world, person, old["etunimi"], last, since)


def call_name(world: World, rng: Random) -> None:
    """Change the name in daily use to another given name; no HENKILON_NIMI row (§4.3)."""
    person = world.pick(
        rng, lambda p: "KUTSUMANIMI" in p.rows and " " in p.one("HENKILON_NIMI")["etunimi"]
    )
    if person is None:
        return
    old = person.one("KUTSUMANIMI")
    since = world.recently(rng, 10, day_of(old, "alkupv"))
    others = [n for n in person.one("HENKILON_NIMI")["etunimi"].split() if n != old["nimi"]]
    if since is None or not others:
        return
    rows = _history_of_name(person, "KUTSUMANIMI", old["nimi"], others[0], since, known=old)
    new = r.name_row("KUTSUMANIMI", "NYKYINEN_KUTSUMANIMI", others[0], alkupv=day(since))
    former = {**old, "nimilaji": "EDELLINEN_KUTSUMANIMI", "loppupv": day(since)}
    person.put(new)
    world.tell(person, [*rows, change("LISATTY", new), change("MUUTETTU", former)])


def mother_tongue(world: World, rng: Random) -> None:
    """Change the mother tongue: the new row, then the old one POISTETTU (contract §4.3)."""
    person = world.pick(rng, lambda p: "AIDINKIELI" in p.rows)
    since = world.recently(rng, 0, person.settled("AIDINKIELI")) if person else None
    if person is None or since is None:
        return
    old, language = person.one("AIDINKIELI"), LANGUAGES.draw(rng)
    if language == old["kielikoodi"]:
        language = "sv" if language == "fi" else "fi"
    put_language(world.maker.places, person, language, since)
    new = person.one("AIDINKIELI")
    gone = {**old, "loppupv": day(since)}
    world.tell(person, (change("LISATTY", new), change("POISTETTU", gone, [new])))


def citizenship(world: World, rng: Random) -> None:
    """Gain Finnish or another citizenship, or lose the foreign one: the whole list (§4.1)."""
    foreign = rng.random() < 0.7
    person = world.pick(rng, lambda p: foreign == (not _holds(p, FINLAND)))
    since = world.recently(rng, 20, person.born) if person else None
    if person is None or since is None:
        return
    held: list[Row] = list(person.one("KANSALAISUUS")["henkilonKansalaisuudet"])
    delta: dict[str, list[Row]]
    if not foreign and len(held) == 2 and held[1]["voimassaolo"] == "AKTIIVI":
        lost = {**held[1], "voimassaolo": "PASSIIVI", "menetyspv": day(since)}
        held, delta = [held[0], lost], {"muutetutKansalaisuudet": [lost]}
    elif len(held) == 1:
        gained = r.citizenship(FINLAND if foreign else "752", since)
        held, delta = [*held, gained], {"lisatytKansalaisuudet": [gained]}
    else:
        return
    row = r.citizenships(held)
    person.put(row)
    book = person.one(r.BOOKKEEPING)
    world.tell(person, (change("MUUTETTU", {**row, **delta}), change("MUUTETTU", book)))


def _holds(person: Person, country: str) -> bool:
    held = person.one("KANSALAISUUS")["henkilonKansalaisuudet"]
    return any(c["kansalaisuuskoodi"] == country for c in held)


def protection_on(world: World, rng: Random) -> None:
    """Protection begins: TURVAKIELTO LISATTY, then every location group there is (§7.2)."""
    person = world.pick(rng, lambda p: not p.is_protected)
    if person is None:
        return
    row = r.single("TURVAKIELTO", turvakieltoAktiivinen=True)
    if rng.random() < 0.8:
        row = {**row, "turvaLoppuPv": day(world.day + timedelta(days=365 * 2))}
    person.put(row)
    person.is_protected, person.undo = True, ()
    world.protected.append(person.number)
    places = person.shown(censored=False, groups=MASKED_FIELDS)
    world.tell(person, [change("LISATTY", row), *(change("MUUTETTU", x) for x in places)])


def protection_off(world: World, rng: Random) -> None:
    """Protection ends: the flag with its end, then in full what a fold needs to show it again.

    Only for persons with a postal address, so that every row a snapshot withheld comes back.
    """
    person = world.pick_from(
        rng,
        world.protected,
        lambda p: p.is_protected and not p.is_dead and not p.is_closed and r.POSTAL in p.rows,
    )
    if person is None:
        return
    row = r.single("TURVAKIELTO", turvakieltoAktiivinen=False, turvaLoppuPv=day(world.day))
    person.put(row)
    person.is_protected = False
    world.protected.remove(person.number)
    places = [person.one(group) for group in (r.ADDRESS, r.POSTAL, "KOTIKUNTA")]
    world.tell(person, [change("MUUTETTU", x) for x in (row, *places)])


def code_correction(world: World, rng: Random) -> None:
    """Replace the identity code, for a wrong birth date or sex (contract §4.5, case A)."""
    person = world.pick(rng, lambda p: "HENKILOTUNNUS_KORJAUS" not in p.rows and _has_name(p))
    if person is None:
        return
    old = person.code
    rows: list[Row] = []
    if rng.random() < 0.5:
        person.sex = "NAINEN" if person.sex == "MIES" else "MIES"
        person.put(r.single("SUKUPUOLI", sukupuoli=person.sex))
        rows.append(change("MUUTETTU", person.one("SUKUPUOLI")))
    else:
        person.born -= timedelta(days=1 + int(rng.random() * 300))
        person.put(r.single("SYNTYMAPAIVA", syntymapv=day(person.born)))
    person.code = new_code(rng, person.born, person.sex, world.maker.used)
    del world.by_code[old]
    world.by_code[person.code] = person
    active, passive = (
        r.single(
            "HENKILOTUNNUS_KORJAUS",
            voimassaolo=status,
            muutettuHenkilotunnus=code,
            aktiivinenHenkilotunnus=person.code,
            edellisetHenkilotunnukset=[old],
        )
        for status, code in (("AKTIIVI", person.code), ("PASSIIVI", old))
    )
    person.add(active)
    person.add(passive)
    rows = [change("LISATTY", active), change("MUUTETTU", passive), *rows]
    rows.append(change("LISATIETO", person.one("HENKILON_NIMI")))
    rows.append(change("MUUTETTU", person.one("SYNTYMAPAIVA")))
    world.tell(person, rows, code=old)
