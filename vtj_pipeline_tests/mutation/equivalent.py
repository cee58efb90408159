"""Mutants that no test can find out, each with the reason why it changes nothing."""

# Groups without a key: the person has at most one row, and a new one is put in its place.
_KEYLESS = (
    "SUORAMARKKINOINTIKIELTO",
    "HENKILOMATRIKKELIKIELTO",
    "SUKUTUTKIMUSKIELTO",
    "YHTEYSTIETOJEN_LUOVUTUSKIELTO",
    "ASIAKASREKISTERIN_PAIVITYSKIELTO",
    "ASIOINTIKIELI",
    "USKONTOKUNTALAJI",
    "USKONTOKUNTA",
    "VAESTOKIRJANPITOKUNTA",
    "ULKOMAINEN_POSTIOSOITE",
    "SAHKOPOSTIOSOITE",
    "REKISTERIVIRANOMAINEN",
    "JARJESTYSKIRJAIN",
)
_DATED = (
    *_KEYLESS[:6],
    "USKONTOKUNTA",
    "VAESTOKIRJANPITOKUNTA",
    "SAHKOPOSTIOSOITE",
)
_BEST = ("NIMENMUUTOS_LAAJA", "HUOLTAJA", "HUOLLETTAVA", "LAPSI", "VANHEMPI")

EQUIVALENT: dict[str, str] = {
    **{
        f"{group}: sweeps False": "the row that is put replaces the only one there is"
        for group in _KEYLESS
    },
    **{f"{group}: one_open True": "there is never a second row to end it" for group in _DATED},
    **{f"{group}: no rank": "no rank comes first, and so does it" for group in _BEST},
    "EDUNVALVONTA: key without valid_from": "all rows of a list have the list's own start",
    "EDUNVALVONTA: one_open True": "all rows of a list have the list's own start",
}
