"""Facts as rows of the information groups, spelled as the source spells them (contract §3).

Add a function when the sandbox learns a group. Rows are never changed after they are built. Keep
out who sees them (`masking.py`) and in which message they come (`events/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vtj_pipeline.sandbox.person_state import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from vtj_pipeline.sandbox.person_state import (
        Address,
        Citizenship,
        Death,
        Dwelling,
        ForeignAddress,
        Language,
        NameRecord,
        PostalAddress,
        Protection,
        Stay,
    )

Row = dict[str, Any]

ADDRESS = "VAKINAINEN_KOTIMAINEN_OSOITE"
POSTAL = "KOTIMAINEN_POSTIOSOITE"
FOREIGN = "VAKINAINEN_ULKOMAINEN_OSOITE"
HOME = "KOTIKUNTA"
PAST_HOME = "EDELLINEN_KOTIKUNTA"
BOOKKEEPING = "VAESTOKIRJANPITOKUNTA"
DWELLING = "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
LIVING_ABROAD = "VAKINAINEN_ULKOMAILLA_ASUMINEN"
NAME, CALL_NAME = "HENKILON_NIMI", "KUTSUMANIMI"
NAME_CHANGE, NAME_CHANGE_WIDE = "NIMENMUUTOS", "NIMENMUUTOS_LAAJA"
CITIZENSHIP = "KANSALAISUUS"


def said(attribute: str, row: Row, in_force: Iterable[Row] = ()) -> Row:
    """Return a row of a change message: what happened, and the whole row (contract §4.1)."""
    made = {"tietoryhma": row["tietoryhma"], "muutosattribuutti": attribute, **row}
    standing = list(in_force)
    if standing:
        made["voimassaolevatTiedot"] = standing
    return made


def partial(day: date, precision: str = DAY) -> Row:
    """Return a partial date; a month is told by its first day (contract §3.0)."""
    if precision != DAY:
        return {"arvo": day.replace(day=1).isoformat(), "tarkkuus": precision}
    return {"arvo": day.isoformat(), "tarkkuus": DAY}


def single(group: str, **fields: Any) -> Row:
    """Return a row of a group with plain fields."""
    return {"tietoryhma": group, **fields}


def birth_row(born: date, precision: str = DAY) -> Row:
    """Return SYNTYMAPAIVA."""
    return single("SYNTYMAPAIVA", syntymapv=partial(born, precision))


def birth_place_row(country: str, place: str | None) -> Row:
    """Return ULKOMAINEN_SYNTYMAPAIKKA."""
    row = single("ULKOMAINEN_SYNTYMAPAIKKA", valtiokoodi=country)
    if place is not None:
        row["ulkomainenSyntymapaikka"] = place
    return row


def absence_row(kind: str, since: date) -> Row:
    """Return POISSAOLO."""
    return single("POISSAOLO", poissaolo=kind, siirtopv=partial(since))


def code_row(code: str, active: str, earlier: Iterable[str]) -> Row:
    """Return HENKILOTUNNUS_KORJAUS about one code (contract §4.5)."""
    return {
        "tietoryhma": "HENKILOTUNNUS_KORJAUS",
        "voimassaolo": "AKTIIVI" if code == active else "PASSIIVI",
        "muutettuHenkilotunnus": code,
        "aktiivinenHenkilotunnus": active,
        "edellisetHenkilotunnukset": list(earlier),
    }


def death_row(death: Death) -> Row:
    """Return KUOLINPAIVA; a death may have no date (contract §8 #24)."""
    row: Row = {"tietoryhma": "KUOLINPAIVA", "kuollut": death.is_dead}
    if death.day is not None:
        row["kuolinpv"] = partial(death.day, death.precision)
    return row


def name_row(first: str, last: str, since: date | None) -> Row:
    """Return HENKILON_NIMI with the full-repertoire twins."""
    row: Row = {
        "tietoryhma": NAME,
        "etunimi": first,
        "sukunimi": last,
        "etunimiUTF8": first,
        "sukunimiUTF8": last,
    }
    if since is not None:
        row["alkupv"] = partial(since)
    return row


def name_record_row(group: str, record: NameRecord) -> Row:
    """Return NIMENMUUTOS, NIMENMUUTOS_LAAJA or KUTSUMANIMI; only the wide one tells the way."""
    row: Row = {
        "tietoryhma": group,
        "nimilaji": record.kind,
        "nimi": record.name,
        "nimiUTF8": record.name,
    }
    if record.since is not None:
        row["alkupv"] = partial(record.since)
    if record.until is not None:
        row["loppupv"] = partial(record.until)
    if record.way is not None and group == NAME_CHANGE_WIDE:
        row["nimenmuutostapa"] = record.way
    return row


def language_row(language: Language) -> Row:
    """Return AIDINKIELI."""
    row: Row = {
        "tietoryhma": "AIDINKIELI",
        "kielikoodi": language.code,
        "kielikoodiISO6392": language.iso,
    }
    if language.name is not None:
        row["nimi"] = language.name
    row["alkupv"] = partial(language.since)
    if language.until is not None:
        row["loppupv"] = partial(language.until)
    return row


def citizenship_element(held: Citizenship) -> Row:
    """Return one element of the lists of KANSALAISUUS."""
    row: Row = {
        "kansalaisuuskoodi": held.country,
        "voimassaolo": "AKTIIVI" if held.is_active else "PASSIIVI",
    }
    if held.name is not None:
        row["kansalaisuusnimi"] = held.name
    if held.since is not None:
        row["saamispv"] = partial(held.since)
    if held.until is not None:
        row["menetyspv"] = partial(held.until)
    return row


def citizenship_row(held: Iterable[Citizenship], **deltas: Iterable[Citizenship]) -> Row:
    """Return KANSALAISUUS: the whole list, in changes also the delta lists (contract §3.1)."""
    return {
        "tietoryhma": CITIZENSHIP,
        "henkilonKansalaisuudet": [citizenship_element(one) for one in held],
        **{name: [citizenship_element(one) for one in delta] for name, delta in deltas.items()},
    }


def protection_row(protection: Protection) -> Row:
    """Return TURVAKIELTO."""
    row: Row = {"tietoryhma": "TURVAKIELTO", "turvakieltoAktiivinen": protection.is_active}
    if protection.ends is not None:
        row["turvaLoppuPv"] = partial(protection.ends)
    return row


def home_row(stay: Stay, *, both_spellings: bool = False) -> Row:
    """Return KOTIKUNTA, on demand with the date spelled twice (contract §8 #1)."""
    since = partial(stay.since, stay.precision)
    row: Row = {"tietoryhma": HOME, "kuntakoodi": stay.municipality, "kuntaanMuuttopv": since}
    if both_spellings:
        row["kuntaanMuuttoPv"] = since
    return row


def past_home_row(stay: Stay) -> Row:
    """Return EDELLINEN_KOTIKUNTA; without an end it tells that the stay goes on (§3.4)."""
    row: Row = {
        "tietoryhma": PAST_HOME,
        "kuntakoodi": stay.municipality,
        "kuntaanMuuttopv": partial(stay.since, stay.precision),
    }
    if stay.until is not None:
        row["kunnastaPoisMuuttopv"] = partial(stay.until)
    return row


def bookkeeping_row(stay: Stay) -> Row:
    """Return VAESTOKIRJANPITOKUNTA."""
    return single(BOOKKEEPING, kuntakoodi=stay.municipality, kuntaanMuuttopv=partial(stay.since))


def _flat(dwelling: Dwelling) -> Row:
    row: Row = {}
    if dwelling.stairwell is not None:
        row["huoneistokirjain"] = dwelling.stairwell
    if dwelling.number is not None:
        row["huoneistonumero"] = dwelling.number
    if dwelling.division is not None:
        row["jakokirjain"] = dwelling.division
    return row


def address_row(address: Address) -> Row:
    """Return VAKINAINEN_KOTIMAINEN_OSOITE."""
    home = address.dwelling
    row: Row = {
        "tietoryhma": ADDRESS,
        "katunimi": home.street,
        "katunumero": home.house,
        **_flat(home),
        "postinumero": home.postal_code,
        "postitoimipaikka": home.post_office,
        "rakennustunnus": home.building,
        "osoitenumero": home.address_number,
        "kuntakoodi": home.municipality,
        "alkupv": partial(address.since),
    }
    if address.until is not None:
        row["loppupv"] = partial(address.until)
    return row


def dwelling_row(address: Address) -> Row:
    """Return VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS: 16 characters, blanks kept (§3.5)."""
    home = address.dwelling
    row: Row = {
        "tietoryhma": DWELLING,
        "rakennustunnus": home.building,
        "osoitenumero": home.address_number,
        **_flat(home),
        "kuntakoodi": home.municipality,
        "alkupv": partial(address.since),
    }
    if address.until is not None:
        row["loppupv"] = partial(address.until)
    row["asuinpaikantunnus"] = (
        f"{home.building}{home.address_number}{home.stairwell or ' '}"
        f"{home.number or '000'}{home.division or ' '}"
    )
    return row


def postal_row(address: PostalAddress) -> Row:
    """Return KOTIMAINEN_POSTIOSOITE."""
    row: Row = {
        "tietoryhma": POSTAL,
        "postiosoite": address.line,
        "postinumero": address.postal_code,
        "postitoimipaikka": address.post_office,
        "alkupv": partial(address.since),
    }
    if address.until is not None:
        row["loppupv"] = partial(address.until)
    return row


def foreign_row(address: ForeignAddress) -> Row:
    """Return VAKINAINEN_ULKOMAINEN_OSOITE."""
    row: Row = {
        "tietoryhma": FOREIGN,
        "lahiosoite": address.line,
        "paikkakunta": address.place,
        "valtiokoodi": address.country,
        "alkupv": partial(address.since),
    }
    if address.until is not None:
        row["loppupv"] = partial(address.until)
    return row


def living_abroad_row(address: ForeignAddress) -> Row:
    """Return VAKINAINEN_ULKOMAILLA_ASUMINEN: 14 digits of dwelling id (contract §3.5)."""
    row: Row = {
        "tietoryhma": LIVING_ABROAD,
        "valtiokoodi": address.country,
        "alkupv": partial(address.since),
    }
    if address.until is not None:
        row["loppupv"] = partial(address.until)
    row["asuinpaikantunnus"] = f"200{address.country}00000000"
    return row
