"""The layouts of the retired Muutostietopalvelu: every group of its files, field by field. Data.

Widths and meanings are those of the reference ("legacy Muutostietopalvelu", §2, §4); a path says
where the value stands in the interface's row of the group that the layout leads to. Add a group as
one entry. Keep out what runs: reading (`legacy/reader.py`), the rules that need more than one field
(`legacy/rules.py`) and writing (`sandbox/legacy_records.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from vtj_pipeline.catalogue.legacy_model import (
    ATTRIBUTES,
    HEAD_LENGTH,
    MOST_LINE,
    UNTIL_FURTHER_NOTICE,
    LegacyField,
    LegacyKind,
    LegacyLayout,
)

__all__ = [
    "ATTRIBUTES",
    "BY_LENGTH",
    "CODES",
    "FROM_LEGACY",
    "HEAD_LENGTH",
    "LAYOUTS",
    "MOST_LINE",
    "NAME_KINDS",
    "UNTIL_FURTHER_NOTICE",
    "LegacyField",
    "LegacyKind",
    "LegacyLayout",
]


def _t(name: str, width: int, path: str = "") -> LegacyField:
    return LegacyField(name, width, LegacyKind.TEXT, path)


def _d(name: str, path: str = "") -> LegacyField:
    return LegacyField(name, 8, LegacyKind.DATE, path)


def _c(
    name: str,
    width: int,
    path: str = "",
    values: Mapping[str, object] | None = None,
    none: str = "",
) -> LegacyField:
    return LegacyField(name, width, LegacyKind.CODE, path, values or {}, none)


IN_FORCE = {"1": "AKTIIVI", "2": "PASSIIVI"}
SEX = {"1": "MIES", "2": "NAINEN", "": "PUUTTUU"}
NAME_KINDS = {
    "01": "NYKYINEN_SUKUNIMI",
    "02": "NYKYINEN_ETUNIMI",
    "03": "NYKYINEN_VALINIMI",
    "04": "NYKYINEN_KUTSUMANIMI",
    "05": "EDELLINEN_SUKUNIMI",
    "06": "EDELLINEN_ETUNIMI",
    "07": "VIIMEKSI_NAIMATTOMANA_OLLESSA_OLLUT_SUKUNIMI",
    "09": "EDELLINEN_KUTSUMANIMI",
    "14": "PATRONYYMI",
}
_NAME_CHANGE = (
    _t("name", 100, "nimi"),
    # A kind that has no name in the interface stays as it is, so that the row is not lost.
    _c("kind", 2, "nimilaji"),
    _d("start", "alkupv"),
    _d("end", "loppupv"),
    _c("other_characters", 1),
)
_STREET = (
    _t("street_fi", 100, "katunimi.fi"),
    _t("street_sv", 100, "katunimi.sv"),
    _t("house_number", 7, "katunumero"),
    _c("stair", 1, "huoneistokirjain"),
    _c("flat", 3, "huoneistonumero"),
    _c("division", 1, "jakokirjain"),
    _c("postal_code", 5, "postinumero", none="00000"),
    _d("start", "alkupv"),
    _d("end", "loppupv"),
)
_ABROAD = (
    _t("address", 80, "lahiosoite"),
    _t("place", 80, "paikkakunta"),
    _c("country", 3, "valtiokoodi", none="000"),
    _d("start", "alkupv"),
    _d("end", "loppupv"),
)
_STREET_MASK = {"street_fi": "***", "street_sv": "***"}
GUARDIAN_KINDS = {
    "03": "LAKISAATEINEN_HUOLTAJA",
    "36": "MAARATTY_HUOLTAJA",
    "06": "MAARATTY_HUOLTAJA",
}
LAYOUTS = (
    LegacyLayout(
        "001",
        "Henkilötunnuskorjaus",
        (
            _c("code", 11, "muutettuHenkilotunnus"),
            _c("in_force", 1, "voimassaolo", IN_FORCE),
        ),
        "HENKILOTUNNUS_KORJAUS",
    ),
    LegacyLayout("002", "Äidinkieli", (_c("language", 2, "kielikoodi"),), "AIDINKIELI"),
    LegacyLayout("003", "Sukupuoli", (_c("sex", 1, "sukupuoli", SEX),), "SUKUPUOLI"),
    LegacyLayout(
        "004",
        "Nimi",
        (
            _t("last_name", 100, "sukunimi"),
            _t("first_names", 100, "etunimi"),
            _d("changed", "alkupv"),
            _c("other_characters", 1, "lisatieto"),
        ),
        "HENKILON_NIMI",
    ),
    LegacyLayout("005", "Nimenmuutos", _NAME_CHANGE, "NIMENMUUTOS"),
    LegacyLayout(
        "007",
        "Kansalaisuus",
        (
            _c("country", 3, "kansalaisuuskoodi", none="000"),
            _c("in_force", 1, "voimassaolo", IN_FORCE),
            _d("start", "saamispv"),
            _d("end", "menetyspv"),
        ),
        "KANSALAISUUS",
    ),
    LegacyLayout(
        "008",
        "Syntymäkotikunta",
        (_c("municipality", 3, "kuntakoodi", none="000"),),
        "SYNTYMAKOTIKUNTA",
    ),
    LegacyLayout(
        "009",
        "Ulkomainen syntymäpaikka",
        (_c("country", 3, "valtiokoodi", none="000"), _t("place", 50, "ulkomainenSyntymapaikka")),
        "ULKOMAINEN_SYNTYMAPAIKKA",
    ),
    LegacyLayout("013", "Kuolinpäivä", (_d("died", "kuolinpv"),), "KUOLINPAIVA"),
    LegacyLayout("015", "Turvakielto", (_d("end", "turvaLoppuPv"),), "TURVAKIELTO"),
    LegacyLayout(
        "101",
        "Vakinainen kotimainen osoite",
        _STREET,
        "VAKINAINEN_KOTIMAINEN_OSOITE",
        mask=_STREET_MASK,
    ),
    LegacyLayout(
        "102",
        "Tilapäinen kotimainen osoite",
        _STREET,
        "TILAPAINEN_KOTIMAINEN_OSOITE",
        mask=_STREET_MASK,
    ),
    LegacyLayout(
        "103",
        "Kotimainen postiosoite",
        (
            _t("line_fi", 50, "postiosoite.fi"),
            _t("line_sv", 50, "postiosoite.sv"),
            _c("postal_code", 5, "postinumero", none="00000"),
            _d("start", "alkupv"),
            _d("end", "loppupv"),
        ),
        "KOTIMAINEN_POSTIOSOITE",
        mask={"line_fi": "***", "line_sv": "***"},
    ),
    LegacyLayout("104", "Vakinainen ulkomainen osoite", _ABROAD, "VAKINAINEN_ULKOMAINEN_OSOITE"),
    LegacyLayout("105", "Tilapäinen ulkomainen osoite", _ABROAD, "TILAPAINEN_ULKOMAINEN_OSOITE"),
    LegacyLayout(
        "204",
        "Kotikunta",
        (_c("municipality", 3, "kuntakoodi", none="000"), _d("start", "kuntaanMuuttopv")),
        "KOTIKUNTA",
        mask={"municipality": "000", "start": "00000000"},
    ),
    LegacyLayout(
        "305",
        "Huoltaja, ennen 1.12.2019",
        (
            _c("guardian", 11, "huoltaja.henkilotunnus"),
            _c("kind", 2, "huoltajanLaji", GUARDIAN_KINDS),
            _c("division", 1),
            _c("in_force", 1),
            _d("start", "huoltosuhteenAlkupv"),
            _d("end", "huoltosuhteenLoppupv"),
            _d("decided"),
        ),
        "HUOLTAJA",
    ),
    LegacyLayout(
        "305",
        "Huoltaja",
        (
            _c("guardian", 11, "huoltaja.henkilotunnus"),
            _c(
                "kind",
                1,
                "huoltajanLaji",
                {"1": "LAKISAATEINEN_HUOLTAJA", "2": "MAARATTY_HUOLTAJA"},
            ),
            _c(
                "role",
                1,
                "huoltajanRooli",
                {
                    "1": "ISA",
                    "2": "AITI",
                    "3": "ADOPTIOISA",
                    "4": "ADOPTIOAITI",
                    "6": "TUNNUSTANUT_AITI",
                    "": "MUU_HUOLTAJA",
                },
            ),
            _d("start", "huoltosuhteenAlkupv"),
            _d("end", "huoltosuhteenLoppupv"),
            _c("living", 1, "asuminen", {"2": "AIDIN_LUONA"}),
            _d("living_start", "asumisenAlkupv"),
            _d("living_end", "asumisenLoppupv"),
        ),
        "HUOLTAJA",
    ),
    LegacyLayout(
        "306",
        "Edunvalvonta",
        (
            _d("start", "alkupv"),
            _d("end", "paatymispv"),
            _c("division", 1),
            _c("capacity", 1),
            _c("guardians", 2, none="00"),
        ),
        "EDUNVALVONTA",
    ),
    LegacyLayout(
        "307",
        "Edunvalvoja",
        (
            _c("guardian", 11, "edunvalvoja.henkilotunnus"),
            _t("business_id", 9),
            _c("municipality", 3, none="000"),
            _c("office", 6, none="000000"),
            _d("start"),
            _d("end"),
        ),
        into={"306": "nykyisetEdunvalvojat"},
    ),
    LegacyLayout(
        "316",
        "Edunvalvontavaltuutus",
        (_d("start"), _d("end"), _c("division", 1), _c("guardians", 2, none="00")),
        "EDUNVALVONTAVALTUUTUS",
    ),
    LegacyLayout(
        "317",
        "Edunvalvontavaltuutettu",
        (
            _c("guardian", 11, "edunvalvontavaltuutettu.henkilotunnus"),
            _d("start", "valtuutussuhteenAlkupv"),
            _d("end", "valtuutussuhteenLoppupv"),
        ),
        into={"316": "nykyisetEdunvalvontavaltuutetut"},
    ),
    LegacyLayout(
        "320",
        "Oikeus",
        (
            _c("right", 4, "oikeus"),
            _d("start", "oikeudenAlkupv"),
            _d("end", "oikeudenLoppupv"),
        ),
        into={"305": "oikeudet"},
    ),
    LegacyLayout("401", "Ammatti", (_c("code", 4), _t("occupation", 35, "ammatti")), "AMMATTI"),
    LegacyLayout(
        "421",
        "Sähköpostiosoite",
        (
            # 11 is the one kind whose name in the interface is known; the others stay as they are.
            _c("kind", 2, "lajikoodi"),
            _t("address", 255, "sahkopostiosoite"),
            _d("start", "alkupv"),
            _d("end"),
        ),
        "SAHKOPOSTIOSOITE",
        mask={"kind": "", "address": "", "start": "00000000", "end": "00000000"},
    ),
    LegacyLayout(
        "422",
        "Ulkomainen henkilönumero",
        (
            _t("number", 30, "ulkomainenHenkilotunnus"),
            _c("sex", 1, "sukupuoli", SEX),
            _c("country", 3, "valtiokoodi", none="000"),
            _c("told_by", 1, "tietolahde", {"2": "HENKILO_ITSE"}),
            _c("type", 1),
            _c("in_force", 1, "voimassaolo", IN_FORCE),
            _d("issued", "antopv"),
            _d("passive_since"),
            _d("stored", "vtjTallennuspv"),
            _d("passive_here_since"),
            _c("standing", 1, "vtjVoimassaolo", {"1": "PARAS_TIEDOSSA_OLEVA"}),
        ),
        "ULKOMAINEN_HENKILOTUNNUS",
    ),
    LegacyLayout("423", "Kutsumanimi", _NAME_CHANGE, "KUTSUMANIMI"),
    LegacyLayout(
        "451",
        "Henkilötunnukseton henkilö",
        (
            _d("born", "syntymapv"),
            _c("sex", 1, "sukupuoli", SEX),
            _t("last_name", 100, "sukunimi"),
            _t("first_names", 100, "etunimet"),
            _c("citizenship", 3, "kansalaisuuskoodi", none="000"),
        ),
        into={"305": "huoltaja", "307": "edunvalvoja", "317": "edunvalvontavaltuutettu"},
    ),
    LegacyLayout(
        "452",
        "Selväkielinen tieto",
        (_t("text", 30),),
        into={
            "002": "nimi",
            "007": "kansalaisuusnimi",
            "009": "",
            "104": "valtionimi",
            "105": "valtionimi",
            "451": "",
        },
    ),
)
BY_LENGTH = {(one.code, one.length): one for one in LAYOUTS}
CODES = frozenset(one.code for one in LAYOUTS)
FROM_LEGACY = frozenset(one.tietoryhma for one in LAYOUTS if one.tietoryhma)
"""The interface's groups that the files can carry."""
