"""A person's facts as `perustiedot` shows them: all groups, in the order of categories.

Order: identity, names, nationality, status, bans, addresses, municipality, dwelling, family
(contract §3.9). Add a group where its category stands. Keep out change messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import rows
from vtj_pipeline.sandbox.family_rows import family_rows
from vtj_pipeline.sandbox.kept_rows import section
from vtj_pipeline.sandbox.masking import LOCATION_GROUPS, mask
from vtj_pipeline.sandbox.residence_rows import past_dwelling_row

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row

_AFTER_HOME = LOCATION_GROUPS.index(rows.HOME) + 1


def basic_rows(person: Person, *, censored: bool, both_spellings: bool = False) -> list[Row]:
    """Return the rows of one person.

    Args:
        person: Whom.
        censored: Whether the account may not see where protected persons live. Then every
            location group of an active order is masked, held or not (contract §7.2).
        both_spellings: Whether KOTIKUNTA spells its date twice (contract §8 #1).
    """
    found = [*_identity(person), *_names(person), *_status(person)]
    past_homes = [rows.past_home_row(stay) for stay in person.past_homes]
    if censored and person.is_protected:
        found += [mask(group) for group in LOCATION_GROUPS[:_AFTER_HOME]]
        found += past_homes
        found += _migration(person)
        found += [mask(group) for group in LOCATION_GROUPS[_AFTER_HOME:]]
    else:
        found += _addresses(person)
        if person.home is not None:
            found.append(rows.home_row(person.home, both_spellings=both_spellings))
        found += past_homes
        if person.bookkeeping is not None:
            found.append(rows.bookkeeping_row(person.bookkeeping))
        found += section(person, "municipality")
        found += _migration(person)
        found += _dwelling(person)
    found += [past_dwelling_row(one) for one in person.past_addresses]
    found += section(person, "past_dwelling")
    found += family_rows(person)
    found += section(person, "religion")
    found += section(person, "other")
    return found


def code_rows(person: Person) -> list[Row]:
    """Return HENKILOTUNNUS_KORJAUS: one row for each code once there was a change."""
    if not person.old_codes and not person.has_code_row:
        return []
    codes = (person.code, *reversed(person.old_codes))
    return [rows.code_row(code, person.code, person.old_codes) for code in codes]


def location_rows(person: Person, *, both_spellings: bool = False) -> list[Row]:
    """Return the rows that a protection order hides, as they are."""
    found = _addresses(person)
    if person.home is not None:
        found.append(rows.home_row(person.home, both_spellings=both_spellings))
    return [*found, *section(person, "municipality"), *_dwelling(person)]


def _identity(person: Person) -> list[Row]:
    found = [
        *code_rows(person),
        *section(person, "identity"),
        rows.birth_row(person.born, person.born_precision),
        rows.single("SUKUPUOLI", sukupuoli=person.sex),
    ]
    if person.birth_municipality is not None:
        found.append(rows.single("SYNTYMAKOTIKUNTA", kuntakoodi=person.birth_municipality))
    if person.birth_country is not None:
        found.append(rows.birth_place_row(person.birth_country, person.birth_place))
    if person.death is not None:
        found.append(rows.death_row(person.death))
    return found


def _names(person: Person) -> list[Row]:
    found = []
    if person.first_names is not None and person.last_name is not None:
        found.append(rows.name_row(person.first_names, person.last_name, person.name_since))
    call = () if person.call_name is None else (person.call_name,)
    for group in (rows.NAME_CHANGE, rows.NAME_CHANGE_WIDE):
        found += [rows.name_record_row(group, one) for one in (*call, *person.name_records)]
    found += [rows.name_record_row(rows.CALL_NAME, one) for one in call]
    return found


def _status(person: Person) -> list[Row]:
    found = []
    if person.citizenships:
        found.append(rows.citizenship_row(person.citizenships))
    if person.language is not None:
        found.append(rows.language_row(person.language))
    found += section(person, "status")
    found.append(rows.single("SIVIILISAATY", siviilisaaty=person.civil_status))
    if person.protection is not None:
        found.append(rows.protection_row(person.protection))
    return found + section(person, "bans")


def _addresses(person: Person) -> list[Row]:
    found = []
    if person.address is not None:
        found.append(rows.address_row(person.address))
    if person.foreign is not None:
        found.append(rows.foreign_row(person.foreign))
    if person.postal is not None:
        found.append(rows.postal_row(person.postal))
    return found + section(person, "addresses")


def _migration(person: Person) -> list[Row]:
    found = []
    if person.arrived is not None:
        found.append(
            rows.single("SUOMEEN_MUUTTOPAIVA", suomeenMuuttopv=rows.partial(person.arrived))
        )
    if person.absence is not None:
        kind, since = person.absence
        found.append(rows.absence_row(kind, since))
    if person.emigrated_to is not None:
        found.append(rows.single("VALTIO_JOHON_MUUTTANUT", valtiokoodi=person.emigrated_to))
    if person.immigrated_from is not None:
        found.append(rows.single("VALTIO_JOSTA_MUUTTANUT", valtiokoodi=person.immigrated_from))
    return found


def _dwelling(person: Person) -> list[Row]:
    found = []
    if person.address is not None:
        found.append(rows.dwelling_row(person.address))
    if person.foreign is not None:
        found.append(rows.living_abroad_row(person.foreign))
    return found + section(person, "dwelling")
