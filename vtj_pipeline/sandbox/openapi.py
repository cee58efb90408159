"""The OpenAPI 3.1 document of the sandbox: described by hand, the groups from the catalogue.

The answers of the sandbox stay as they are whatever this says: it is made of the same contract, and
`test_openapi.py` holds the two against each other. Add a call or a status here when the service
gets one. The sandbox's own calls are left out: they are no part of the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vtj_pipeline.catalogue import GROUPS, Kind
from vtj_pipeline.sandbox.openapi_calls import paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vtj_pipeline.catalogue import Field, Tietoryhma
    from vtj_pipeline.sandbox.simulation import Sandbox

Schema = dict[str, Any]

_ATTRIBUTES = ["LISATTY", "MUUTETTU", "POISTETTU", "KORJATTAVA", "KORJATTU", "LISATIETO"]
_PRECISIONS = ["PAIVA", "KUUKAUSI", "VUOSI", "EI_TIEDOSSA"]
_PLAIN = {
    Kind.TEXT: "string",
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "boolean",
}
# Codes that the catalogue reads as texts and the source writes as numbers (contract §3.5, §3.9).
_NUMBERS = {
    **dict.fromkeys(("USKONTOKUNTA", "HISTORIAA_USKONTOKUNNASTA"), "uskontokunta"),
    "REKISTERIVIRANOMAINEN": "viranomaisnumero",
    **{
        f"{when}_OLINPAIKASSA_ASUMINEN": "lajikoodi"
        for when in ("VAKINAINEN", "TILAPAINEN", "ENTINEN")
    },
}
_DESCRIPTION = """\
A stand-in for DVV's VTJ-muutosrajapinta (VTJmutpa) with made-up people: personal identity codes
have individual numbers 900 to 999, which nobody real has. Every call stands under the X-Road path
`/r1/{instance}/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1` as well, where `X-Road-Client` is needed.
Besides the answers below any call may meet an injected fault: see `/sandbox/faults`."""


def document(sandbox: Sandbox) -> Schema:
    """Return the document of a running sandbox."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "VTJ-muutosrajapinta sandbox",
            "version": "1",
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"basic": []}, {"tunnus": [], "salasana": []}],
        "paths": paths(sandbox.options.expired_cursor_status),
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "tunnus": {"type": "apiKey", "in": "header", "name": "MUTP-Tunnus"},
                "salasana": {"type": "apiKey", "in": "header", "name": "MUTP-Salasana"},
            },
            "schemas": {**_common(), **{one.name: _group(one) for one in GROUPS.values()}},
        },
    }


def _common() -> dict[str, Schema]:
    """Return the shapes of contract §3.0 and the bodies of §2."""
    code = {"type": "string", "description": "Personal identity code."}
    cursor = {
        "type": "integer",
        "format": "int64",
        "minimum": 0,
        "maximum": 2**63 - 1,
        "examples": [5446000000],
    }
    row = {"$ref": "#/components/schemas/Row"}
    return {
        "PartialDate": _object(
            {
                "arvo": {"type": "string", "format": "date"},
                "tarkkuus": {"type": "string", "enum": _PRECISIONS},
            },
            required=("arvo", "tarkkuus"),
        ),
        "Localized": _object({"fi": {"type": "string"}, "sv": {"type": "string"}}),
        "Row": _row(),
        "Person": _object(
            {"henkilotunnus": code, "tietoryhmat": _list(row)},
            required=("henkilotunnus", "tietoryhmat"),
        ),
        "Message": _object(
            {
                "henkilotunnus": code,
                "muutospv": {"type": "string", "format": "date-time"},
                "tietoryhmat": _list({"$ref": "#/components/schemas/ChangedRow"}),
            },
            required=("henkilotunnus", "muutospv", "tietoryhmat"),
        ),
        "ChangedRow": {
            "allOf": [row],
            "properties": {"muutosattribuutti": {"type": "string", "enum": _ATTRIBUTES}},
            "required": ["muutosattribuutti"],
        },
        "Cursor": _object({"viimeisinKirjausavain": cursor}, required=("viimeisinKirjausavain",)),
        "Changes": _object(
            {
                "viimeisinKirjausavain": cursor,
                "muutokset": _list({"$ref": "#/components/schemas/Message"}),
                "ajanTasalla": {"type": "boolean"},
            },
            required=("viimeisinKirjausavain", "muutokset", "ajanTasalla"),
        ),
        "BasicData": _object(
            {
                "perustiedot": _list({"$ref": "#/components/schemas/Person"}),
                "ajanTasalla": {"type": "boolean"},
            },
            required=("perustiedot", "ajanTasalla"),
        ),
        "WeeklyCopy": {
            "allOf": [{"$ref": "#/components/schemas/BasicData"}],
            "properties": {"poimintapv": {"type": "string"}},
            "required": ["poimintapv"],
        },
        "Error": _object(
            {"status": {"type": "integer"}, "message": {"type": "string"}},
            required=("status", "message"),
        ),
        "XRoadError": _object(
            {name: {"type": "string"} for name in ("type", "message", "detail")},
            required=("type", "message", "detail"),
        ),
    }


def _row() -> Schema:
    """Return a row of any group; a group that nobody knows is allowed (contract §3.9)."""
    known = {one.name: {"$ref": f"#/components/schemas/{one.name}"} for one in GROUPS.values()}
    return {
        "type": "object",
        "properties": {
            "tietoryhma": {"type": "string", "examples": sorted(known)},
            "turvakiellonAlaisetKentat": _list({"type": "string"}),
            "voimassaolevatTiedot": _list({"$ref": "#/components/schemas/Row"}),
        },
        "required": ["tietoryhma"],
        "allOf": [
            {
                "if": {"properties": {"tietoryhma": {"const": name}}, "required": ["tietoryhma"]},
                "then": schema,
            }
            for name, schema in known.items()
        ],
    }


def _group(group: Tietoryhma) -> Schema:
    fields = _fields(group.fields)
    if group.name in _NUMBERS:
        fields[_NUMBERS[group.name]] = _nullable({"type": "integer"})
    return {
        "type": "object",
        "title": group.finnish,
        "description": group.description,
        "properties": {"tietoryhma": {"const": group.name}, **fields},
    }


def _fields(fields: Iterable[Field]) -> dict[str, Schema]:
    return {
        name: _nullable(_field(field)) for field in fields for name in (field.name, *field.aliases)
    }


def _field(field: Field) -> Schema:
    if field.kind == Kind.PARTIAL_DATE:
        return {"$ref": "#/components/schemas/PartialDate"}
    if field.kind == Kind.LOCALIZED:
        return {"$ref": "#/components/schemas/Localized"}
    if field.kind == Kind.TEXT_LIST:
        return _list({"type": "string"})
    if field.kind in _PLAIN:
        return {"type": _PLAIN[field.kind]}
    inner = _object(_fields(field.fields))
    return _list(inner) if field.kind == Kind.OBJECT_LIST else inner


def _nullable(schema: Schema) -> Schema:
    """Allow an explicit null, which means the same as a missing key (contract §9 #28)."""
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: dict[str, Schema], required: Iterable[str] = ()) -> Schema:
    """Return an object that may have more properties than are told (contract §2.2)."""
    schema: Schema = {"type": "object", "properties": properties}
    needed = list(required)
    return {**schema, "required": needed} if needed else schema


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}
