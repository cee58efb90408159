"""Facts about a person's family: guardians, parents, marriages, guardianship of adults.

A relation holds a stub of the other person: what was known of them when the relation was told.
Both sides hold the relation, each with a stub of the other; `kinship.py` keeps them alike. Keep
out JSON (`family_rows.py`) and chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

DAY = "PAIVA"
STATUTORY, APPOINTED = "LAKISAATEINEN_HUOLTAJA", "MAARATTY_HUOLTAJA"
MOTHER, FATHER = "AITI", "ISA"
ADOPTIVE = {MOTHER: "ADOPTIOAITI", FATHER: "ADOPTIOISA"}
OTHER_GUARDIAN, RECOGNISED_MOTHER = "MUU_HUOLTAJA", "TUNNUSTANUT_AITI"
OF_MARRIAGE, OUT_OF_MARRIAGE = "AVIOLAPSI", "AU_LAPSI"
RECOGNISED, ADOPTED = "AITIYS_VAHVISTETTU", "SAATU_ADOPTIOLAPSEKSI"
CHURCH, CIVIL, UNKNOWN_WAY = (
    "KIRKOLLINEN_VIHKIMINEN",
    "SIVIILIVIHKIMINEN",
    "VIHKITAPA_EI_TIEDOSSA",
)
FROM_PARTNERSHIP = "PARISUHDE_AVIOLIITOKSI"
SPOUSE, PARENT, GUARDIAN = "PUOLISOSTA", "VANHEMMASTA", "HUOLTAJASTA"


class Stub(NamedTuple):
    """A related person as told; any part may be missing, the code too (contract §3.0)."""

    code: str | None = None
    first_names: str | None = None
    last_name: str | None = None
    born: date | None = None
    born_precision: str = DAY
    sex: str | None = None
    country: str | None = None


class Right(NamedTuple):
    """A right of a guardian; `text` is free text."""

    code: str
    since: date
    until: date
    text: str | None = None


class Living(NamedTuple):
    """With whom a child lives by decision."""

    code: str
    since: date
    until: date | None = None


class Guardianship(NamedTuple):
    """A relation between guardian and child; `other` is the other side; `until` is exclusive."""

    other: Stub
    kind: str
    role: str
    since: date
    until: date
    living: Living | None = None
    rights: tuple[Right, ...] = ()


class Parenthood(NamedTuple):
    """A relation between parent and child; `role` and `label` are the parent's on both sides."""

    other: Stub
    role: str
    quality: str
    label: str | None = None
    since: date | None = None
    until: date | None = None
    adopted: date | None = None
    letter: str | None = None


class Union(NamedTuple):
    """A marriage or a registered partnership; `number` counts the person's, each kind alone."""

    other: Stub
    number: int
    day: date
    way: str
    is_active: bool = True


class Care(NamedTuple):
    """Guardianship of an adult; a guardian may be untold (contract §3.8)."""

    since: date
    guardians: tuple[Stub | None, ...]
    until: date | None = None


class Mandate(NamedTuple):
    """One who holds a continuing power of attorney."""

    other: Stub
    since: date
    until: date | None = None


class Detail(NamedTuple):
    """What is told besides a related person at a registration of a child or an emigration."""

    other: Stub
    sex: str
    code: str | None = None
    birth_municipality: str | None = None
    country: str | None = None


class Family(NamedTuple):
    """All family facts of one person; replaced as a whole.

    Attributes:
        parents, children: Parenthood told on the child and on the parent.
        letter: The order letter of an adopted child (JARJESTYSKIRJAIN).
        emigration: Details by whom they are about: PUOLISOSTA, VANHEMMASTA, HUOLTAJASTA.
    """

    parents: tuple[Parenthood, ...] = ()
    children: tuple[Parenthood, ...] = ()
    marriages: tuple[Union, ...] = ()
    partnerships: tuple[Union, ...] = ()
    letter: str | None = None
    care: Care | None = None
    mandates: tuple[Mandate, ...] = ()
    births: tuple[Detail, ...] = ()
    emigration: tuple[tuple[str, Detail], ...] = ()


NO_FAMILY = Family()
