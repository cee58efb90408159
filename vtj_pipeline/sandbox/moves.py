"""Events of where people live: moves, cancelled moves, migration, corrections of homes.

Each function changes the truth and tells the message, rows in the order of contract §4.3. Add an
event as one function of (world, rng) and name it in `life`. Keep out everything not about homes.
"""

from datetime import date, timedelta
from random import Random

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.population import (
    ABROAD,
    COUNTRY_OF_LANGUAGE,
    FOREIGN_LANGUAGES,
    describe,
)
from vtj_pipeline.sandbox.rows import Row, change, day, day_of
from vtj_pipeline.sandbox.truth import Person
from vtj_pipeline.sandbox.world import World

_ONE_DAY = timedelta(days=1)
_HOME_GROUPS = (r.ADDRESS, "KOTIKUNTA")


def _movers(world: World, rng: Random, person: Person) -> list[Person]:
    """Return who moves along: the household when a minor moves or by chance, else one person."""
    together = [
        p
        for p in world.households[person.household]
        if not p.is_dead and not p.is_closed and p.municipality == person.municipality
    ]
    adults = [p for p in together if p.age(world.day) >= 18]
    alone = person in adults and (len(adults) > 1 or len(together) == 1)
    return [person] if alone and rng.random() < 0.6 else together


def _move_one(world: World, person: Person, address: Row, since: date) -> None:
    """Move one person to an address in another municipality."""
    old_home, old_address = person.one("KOTIKUNTA"), person.one(r.ADDRESS)
    old_dwelling, old_book = person.one(r.DWELLING), person.one(r.BOOKKEEPING)
    was_inside, until = world.in_scope(person), day(since - _ONE_DAY)
    code = str(address["kuntakoodi"])
    home, book = r.home(code, since), r.bookkeeping(code, since)
    former = r.former_home(
        old_home["kuntakoodi"], day_of(old_home, "kuntaanMuuttopv"), since - _ONE_DAY
    )
    new = {**address, "alkupv": day(since)}
    dwelling = r.dwelling(new)
    person.put(new, home, book, dwelling)
    person.add(former)
    if not was_inside and world.in_scope(person):
        world.tell_all(person)
        return
    world.tell(
        person,
        (
            change("LISATTY", new),
            change("MUUTETTU", {**old_address, "loppupv": until}),
            change("LISATTY", home),
            change("MUUTETTU", former),
            change("MUUTETTU", book),
            change("LISATTY", dwelling),
            change("MUUTETTU", {**old_dwelling, "loppupv": until}),
        ),
        ours=was_inside,
    )
    if was_inside and not world.in_scope(person):
        person.is_closed = True
    elif was_inside:
        person.undo = (old_address, old_dwelling, old_home, old_book, former)
        world.recent_moves.append(person.number)


def _move_to(world: World, rng: Random, movers: list[Person], target: str) -> None:
    settled = max(p.settled(*_HOME_GROUPS) for p in movers)
    since = world.recently(rng, 5, settled)
    if since is None:
        return
    address = world.maker.address(rng, target, since)
    leaves = not world.is_inside(target)
    household = len(world.households)
    for person in movers:
        # A protected person who left would stay withheld for ever: no row would tell it.
        if leaves and person.is_protected:
            continue
        _move_one(world, person, address, since)
        _rehouse(world, person, household)


def _rehouse(world: World, person: Person, household: int) -> None:
    world.households[person.household].remove(person)
    person.household = household
    world.households.setdefault(household, []).append(person)


def move_between(world: World, rng: Random) -> None:
    """Move within the area or out of it to another municipality (contract §4.3)."""
    person = world.pick(rng, world.in_scope)
    if person is None:
        return
    inside = rng.random() < 0.45 and len(world.maker.area) > 1
    homes = world.maker.inside if inside else world.maker.outside
    target = homes.draw(rng)
    if target != person.municipality:
        _move_to(world, rng, _movers(world, rng, person), target)


def move_in(world: World, rng: Random) -> None:
    """Move into the area from elsewhere in Finland: all groups LISATTY (contract §9 #2)."""
    person = world.pick(rng, lambda p: p.municipality not in world.maker.area)
    if person is not None:
        target = world.maker.inside.draw(rng)
        _move_to(world, rng, _movers(world, rng, person), target)


def move_within(world: World, rng: Random) -> None:
    """Move inside a municipality: address and dwelling id, no KOTIKUNTA (contract §4.3)."""
    picked = world.pick(rng, lambda p: r.ADDRESS in p.rows)
    if picked is None:
        return
    movers = _movers(world, rng, picked)
    since = world.recently(rng, 5, max(p.settled(*_HOME_GROUPS) for p in movers))
    if since is None:
        return
    new = world.maker.address(rng, picked.municipality, since)
    household = len(world.households)
    for person in movers:
        old = person.one(r.ADDRESS)
        dwelling = r.dwelling(new)
        person.put(new, dwelling)
        person.undo = ()
        closed = {**old, "loppupv": day(since - _ONE_DAY)}
        world.tell(
            person,
            (change("LISATTY", new), change("MUUTETTU", closed), change("LISATTY", dwelling)),
        )
        _rehouse(world, person, household)


def cancel_move(world: World, rng: Random) -> None:
    """Cancel the last move within the area, with or without the EDELLINEN pair (§4.3, §4.4)."""
    person = world.pick_from(
        rng,
        world.recent_moves[-50:],
        lambda p: bool(p.undo) and not (p.is_dead or p.is_closed or p.is_protected),
    )
    if person is None:
        return
    old_address, old_dwelling, old_home, old_book, former = person.undo
    new_address, new_home = person.one(r.ADDRESS), person.one("KOTIKUNTA")
    closed = {**old_address, "loppupv": former["kunnastaPoisMuuttopv"]}
    rows = [
        change("POISTETTU", new_address, [old_address]),
        change("KORJATTAVA", closed),
        change("KORJATTU", old_address),
        change("POISTETTU", new_home, [old_home]),
        change("LISATIETO", old_home),
    ]
    if rng.random() < 0.7:
        rows.append(change("KORJATTAVA", former))
        rows.append(change("KORJATTU", r.without(former, "kunnastaPoisMuuttopv")))
    person.put(old_address, old_dwelling, old_home, old_book)
    person.drop(former)
    person.undo = ()
    world.tell(person, rows)


def immigration(world: World, rng: Random) -> None:
    """Somebody unknown to the register moves into the area from abroad: all groups LISATTY."""
    born = world.day - timedelta(days=int(rng.random() * 60 * 365))
    since = world.recently(rng, 10, born)
    if since is None:
        return
    person = world.maker.person(rng, len(world.persons), born, len(world.households))
    language = FOREIGN_LANGUAGES.draw(rng) if rng.random() < 0.85 else "fi"
    describe(world.maker, rng, person, language, world.maker.places.surnames.draw(rng), world.day)
    address = world.maker.address(rng, world.maker.inside.draw(rng), since)
    world.maker.settle(person, address, since)
    if rng.random() < 0.3:
        person.add(r.former_home(ABROAD, born, since - _ONE_DAY))
    person.put(
        r.single("SYNTYMAKOTIKUNTA", kuntakoodi=ABROAD),
        r.single("SUOMEEN_MUUTTOPAIVA", suomeenMuuttopv=day(since)),
        r.single("VALTIO_JOSTA_MUUTTANUT", valtiokoodi=COUNTRY_OF_LANGUAGE.get(language, "752")),
    )
    world.add(person)
    world.tell_all(person)


def emigration(world: World, rng: Random) -> None:
    """Move abroad: municipality 200, the home in Finland closed (contract §4.3, assumed)."""
    person = world.pick(rng, lambda p: world.in_scope(p) and not p.is_protected)
    if person is None:
        return
    since = world.recently(rng, 10, person.settled(*_HOME_GROUPS))
    if since is None:
        return
    ours, until = world.in_scope(person), day(since - _ONE_DAY)
    address, dwelling = person.rows.pop(r.ADDRESS)[0], person.rows.pop(r.DWELLING)[0]
    old_home, home = person.one("KOTIKUNTA"), r.home(ABROAD, since)
    began = day_of(old_home, "kuntaanMuuttopv")
    former = r.former_home(old_home["kuntakoodi"], began, since - _ONE_DAY)
    abroad = _life_in_sweden(rng, since)
    person.put(home, *abroad)
    person.add(former)
    person.is_closed = True
    rows = (
        change("LISATTY", home),
        change("MUUTETTU", former),
        change("MUUTETTU", {**address, "loppupv": until}),
        *(change("LISATTY", row) for row in abroad),
        change("MUUTETTU", {**dwelling, "loppupv": until}),
    )
    world.tell(person, rows, ours=ours)


def _life_in_sweden(rng: Random, since: date) -> tuple[Row, Row, Row]:
    address = r.single(
        "VAKINAINEN_ULKOMAINEN_OSOITE",
        lahiosoite=f"Storgatan {1 + int(rng.random() * 90)}",
        paikkakunta="111 20 STOCKHOLM",
        valtiokoodi="752",
        alkupv=day(since),
    )
    absence = r.single("POISSAOLO", poissaolo="KOTIPAIKKA_POHJOISMAISSA", siirtopv=day(since))
    return address, absence, r.single("VALTIO_JOHON_MUUTTANUT", valtiokoodi="752")


def correct_history(world: World, rng: Random) -> None:
    """Correct the municipality of an earlier home: KORJATTAVA then KORJATTU (contract §4.4)."""
    person = world.pick(
        rng, lambda p: not p.is_protected and bool(p.rows.get("EDELLINEN_KOTIKUNTA"))
    )
    if person is None:
        return
    wrong, *others = person.rows["EDELLINEN_KOTIKUNTA"]
    code = world.maker.anywhere.draw(rng)
    if code == wrong["kuntakoodi"]:
        return
    right = {**wrong, "kuntakoodi": code}
    person.rows["EDELLINEN_KOTIKUNTA"] = (right, *others)
    person.undo = ()
    world.tell(person, (change("KORJATTAVA", wrong), change("KORJATTU", right)))


def correct_address(world: World, rng: Random) -> None:
    """Correct the house number, or the apartment and with it the dwelling id."""
    person = world.pick(rng, lambda p: not p.is_protected and r.ADDRESS in p.rows)
    if person is None:
        return
    wrong = person.one(r.ADDRESS)
    right = dict(wrong)
    rows = []
    if "huoneistonumero" in wrong and rng.random() < 0.5:
        right["huoneistonumero"] = f"{(int(wrong['huoneistonumero']) % 900) + 1:03d}"
        dwellings = {**r.dwelling(right), "alkupv": person.one(r.DWELLING)["alkupv"]}
        rows = [change("KORJATTAVA", person.one(r.DWELLING)), change("KORJATTU", dwellings)]
        person.put(dwellings)
    else:
        right["katunumero"] = str(91 + int(rng.random() * 90))
    person.put(right)
    person.undo = ()
    world.tell(person, [change("KORJATTAVA", wrong), change("KORJATTU", right), *rows])


def postal_address(world: World, rng: Random) -> None:
    """Change the postal address, or give the first one (contract §4.3)."""
    wants_old = rng.random() < 0.5
    person = world.pick(rng, lambda p: (r.POSTAL in p.rows) == wants_old)
    if person is None:
        return
    old = person.rows.get(r.POSTAL, ())
    since = world.recently(rng, 5, day_of(old[0], "alkupv") if old else person.born)
    if since is None:
        return
    new = world.maker.postal(rng, person.municipality, since)
    closing = [change("MUUTETTU", {**row, "loppupv": day(since - _ONE_DAY)}) for row in old]
    person.put(new)
    world.tell(person, [change("LISATTY", new), *closing])
