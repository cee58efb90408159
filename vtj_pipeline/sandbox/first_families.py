"""The families of the first population: marriages, parents, guardians, guardianship of adults.

Chance here is apart from that of `population.py`: who lives where does not depend on it. Keep out
who lives together (`population.py`) and what happens later (`events/`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox.chance import pick, seeded
from vtj_pipeline.sandbox.family_state import (
    ADOPTED,
    ADOPTIVE,
    APPOINTED,
    CHURCH,
    CIVIL,
    OF_MARRIAGE,
    OTHER_GUARDIAN,
    OUT_OF_MARRIAGE,
    STATUTORY,
    UNKNOWN_WAY,
    Care,
    Guardianship,
    Living,
    Mandate,
    Right,
    Stub,
    Union,
)
from vtj_pipeline.sandbox.kinship import (
    ADULT,
    IN_MARRIAGE,
    beget,
    birthday,
    guard,
    marry,
    parent_role,
    register,
    snapshot,
)
from vtj_pipeline.sandbox.names import given_names, surname
from vtj_pipeline.sandbox.person_state import MAN, WOMAN

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.maker import Maker
    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.person_state import Person

_WAYS = (CHURCH, CHURCH, CIVIL, UNKNOWN_WAY)
# Partnerships could be registered between these days.
_PARTNERSHIPS = (date(2002, 3, 1), date(2017, 2, 28))
_PARTNERSHIP_SHARE = 0.4
_ONE_PARENT_SHARE = 0.06
_ADOPTED_SHARE = 0.01
_RARE_SHARE = 0.015
_CARE_SHARE, _MANDATE_SHARE = 0.006, 0.003


class FamilyFounder:
    """Ties the members of households to each other, and some to persons outside the register."""

    def __init__(self, maker: Maker, options: SandboxOptions) -> None:
        """Take what makes codes, and the first day."""
        self._rng = seeded(options.seed, "families")
        # Apart, so that the families are the same with and without such guardians.
        self._noise = seeded(options.seed, "codeless guardians")
        self._codeless_share = options.codeless_guardians
        self._maker = maker
        self._today = options.start

    def found(self, members: list[Person]) -> None:
        """Tie the members of a household, adults first, as their civil status has it."""
        if len(members) == 1:
            if members[0].civil_status in ("LESKI", "ERONNUT"):
                self._parted(members[0])
            self._care(members[0])
            return
        stubs = [snapshot(one) for one in members]
        adults = [place for place, one in enumerate(members) if one.age(self._today) >= ADULT]
        if len(adults) > 1 and members[0].civil_status == IN_MARRIAGE:
            self._couple(members, stubs)
        elif len(adults) == 1 and members[0].civil_status in ("LESKI", "ERONNUT"):
            self._parted(members[0])
        for place, child in enumerate(members):
            if place not in adults:
                self._parents(members, stubs, adults, child, stubs[place])
        for place in adults:
            self._care(members[place])

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=int(self._rng.random() * ((last - first).days + 1)))

    def _couple(self, members: list[Person], stubs: list[Stub]) -> None:
        one, other = members[:2]
        of_age = max(birthday(one.born, ADULT), birthday(other.born, ADULT))
        first, last = max(of_age, _PARTNERSHIPS[0]), _PARTNERSHIPS[1]
        may_register = one.sex == other.sex and first <= last
        if may_register and self._rng.random() < _PARTNERSHIP_SHARE:
            day = self._between(first, last)
            register(one, stubs[1], day)
            register(other, stubs[0], day)
            return
        if self._rng.random() < _RARE_SHARE:
            self._parted(one, until=of_age)
        day, way = self._between(of_age, self._today), pick(self._rng, _WAYS)
        marry(one, stubs[1], day, way)
        marry(other, stubs[0], day, way)

    def _parted(self, person: Person, until: date | None = None) -> None:
        """Give a person an ended marriage with somebody whom the register does not hold."""
        first = birthday(person.born, ADULT)
        day = self._between(first, max(first, until or self._today))
        spouse = self._stranger(person.born)
        ended = Union(spouse, 1, day, pick(self._rng, _WAYS), is_active=False)
        person.family = person.family._replace(marriages=(ended,))

    def _stranger(self, born: date) -> Stub:
        """Return somebody outside the register, of about an age, with a code or without."""
        rng = self._rng
        sex = MAN if rng.random() < 0.5 else WOMAN
        born -= timedelta(days=int(rng.random() * 3000))
        code = self._maker.codes.issue(rng, born, sex) if rng.random() < 0.5 else None
        names = given_names(rng, sex, born.year, "fi"), surname(rng, "fi")
        return Stub(code, *names, born, sex=sex)

    def _parents(
        self,
        members: list[Person],
        stubs: list[Stub],
        adults: list[int],
        child: Person,
        of_child: Stub,
    ) -> None:
        married = len(members[0].family.marriages) > 0
        quality = OF_MARRIAGE if married and len(adults) > 1 else OUT_OF_MARRIAGE
        chance, parents = self._rng.random(), adults
        if quality == OUT_OF_MARRIAGE and chance < _ONE_PARENT_SHARE * 4:
            parents = adults[:1]
        for number, place in enumerate(parents):
            parent, both = members[place], (stubs[place], of_child)
            adopts = number == 1 and chance > 1 - _ADOPTED_SHARE
            adopted = self._between(child.born, self._today) if adopts else None
            role = ADOPTIVE[parent_role(parent)] if adopts else None
            if adopts:
                child.family = child.family._replace(letter=pick(self._rng, ("A", "B")))
            beget(
                parent,
                child,
                ADOPTED if adopts else quality,
                stubs=both,
                adopted=adopted,
                labelled=child.born.year >= 2015,
            )
            guard(parent, child, stubs=both, role=role)
        if self._rng.random() < _RARE_SHARE * 3 and child.guardians:
            self._decided(members, child)
        if self._codeless_share and self._noise.random() < self._codeless_share:
            self._codeless(child)

    def _codeless(self, child: Person) -> None:
        """Give a child an appointed guardian more, whom no code tells (§8 #11)."""
        rng = self._noise
        sex = MAN if rng.random() < 0.5 else WOMAN
        born = child.born - timedelta(days=8000 + int(rng.random() * 6000))
        stub = Stub(None, given_names(rng, sex, born.year, "en"), surname(rng, "en"), born, sex=sex)
        until = birthday(child.born, ADULT)
        tie = Guardianship(stub, APPOINTED, OTHER_GUARDIAN, child.born, until)
        child.guardians = (*child.guardians, tie)

    def _decided(self, members: list[Person], child: Person) -> None:
        """Give a child what decisions leave: another guardian, an ended one, rights, living."""
        rng, until = self._rng, birthday(child.born, ADULT)
        since = self._between(child.born, self._today)
        chance = rng.random()
        if chance < 0.3:
            stub = self._stranger(child.born - timedelta(days=9000))._replace(code=None)
            new = Guardianship(stub, APPOINTED, OTHER_GUARDIAN, since, until)
            child.guardians = (*child.guardians, new)
        elif chance < 0.5 and child.born < since:
            stub = self._stranger(child.born - timedelta(days=9000))
            old = Guardianship(stub, STATUTORY, "ISA", child.born, since)
            child.guardians = (*child.guardians, old)
        else:
            right = Right("HUOLLON_JAKO_KUVATTU_SISALTOTEKSTISSA", since, until, "Sovittu.")
            where = Living("AIDIN_LUONA", since, until)
            rights, living = ((right,), None) if chance < 0.75 else ((), where)

            def decided(tie: Guardianship) -> Guardianship:
                return tie._replace(rights=rights, living=living)

            child.guardians = tuple(decided(one) for one in child.guardians)
            for one in members:
                one.dependants = tuple(
                    decided(tie) if tie.other.code == child.code else tie for tie in one.dependants
                )

    def _care(self, person: Person) -> None:
        chance = self._rng.random()
        if chance > _CARE_SHARE + _MANDATE_SHARE:
            return
        since = self._between(birthday(person.born, ADULT), self._today)
        other = self._stranger(person.born)
        if chance > _CARE_SHARE:
            person.family = person.family._replace(mandates=(Mandate(other, since),))
            return
        until = self._today if chance < _CARE_SHARE / 10 and since < self._today else None
        person.family = person.family._replace(care=Care(since, (other,), until))
