"""The four calls in the OpenAPI document: bodies, answers, every status.

Keep out the schemas of what is told (`openapi.py`).
"""

from __future__ import annotations

from typing import Any

from vtj_pipeline.sandbox.simulation import MOST_CODES

Schema = dict[str, Any]

_CODES = {"type": "array", "items": {"type": "string"}, "minItems": 0}
_CODE_EXAMPLE = "010190-900P"
_TEXTS = {"type": "array", "items": {"type": "string"}}
_WORDS = {
    401: "The credentials are wrong.",
    403: "The product has no permit for this.",
    404: "There is no such call.",
    405: "The call has another method.",
    429: "Too many requests, or the day's quota is spent.",
    500: "The source, or X-Road on the way to it, failed.",
    502: "The gateway got no answer.",
    503: "The source is not available.",
}
_BAD = "The request is not of the agreed form."


def paths(expired_status: int) -> Schema:
    """Return the paths; `expired_status` is that of a cursor that is no longer kept."""
    cursor = {
        "viimeisinKirjausavain": {
            "$ref": "#/components/schemas/Cursor/properties/viimeisinKirjausavain"
        }
    }
    expired = {} if expired_status == 400 else {expired_status: "The cursor is no longer kept."}
    return {
        "/kirjausavain": {"get": _cursor("The newest cursor.", "newestCursor", {})},
        "/kirjausavain/{pvm}": {
            "get": {
                **_cursor("The cursor of a day.", "cursorOfDay", {400: _BAD}),
                "parameters": [
                    {
                        "name": "pvm",
                        "in": "path",
                        "required": True,
                        "description": "yyyy-MM-dd; a day before the journal gets its first "
                        "cursor, a day to come the newest.",
                        "schema": {"type": "string", "format": "date"},
                    }
                ],
            }
        },
        "/muutokset": _post(
            "Changes after a cursor, a page of them.",
            "changes",
            _body({**cursor, "hetulista": _CODES}, required=("viimeisinKirjausavain",)),
            ("Changes", {400: _BAD, **expired}),
        ),
        "/perustiedot": _post(
            "Basic data of persons by code; unknown persons and groups that are not granted are "
            "left out.",
            "basicData",
            _body(
                {
                    "hetulista": {
                        **_CODES,
                        "minItems": 1,
                        "maxItems": MOST_CODES,
                        "examples": [[_CODE_EXAMPLE]],
                    },
                    "tietoryhmat": _TEXTS,
                },
                required=("hetulista",),
            ),
            ("BasicData", {400: _BAD}),
        ),
        "/perustiedot-vko": _post(
            "The weekly copy, of the whole product or a part of it.",
            "weeklyCopy",
            _body(
                {
                    "hetulista": {**_CODES, "maxItems": MOST_CODES},
                    "kuntakoodit": _TEXTS,
                    "tietoryhmat": _TEXTS,
                },
                required=(),
            ),
            ("WeeklyCopy", {400: _BAD}),
        ),
    }


def _cursor(summary: str, name: str, more: dict[int, str]) -> Schema:
    return {"summary": summary, "operationId": name, "responses": _answers("Cursor", more)}


def _post(summary: str, name: str, body: Schema, answer: tuple[str, dict[int, str]]) -> Schema:
    return {
        "post": {
            "summary": summary,
            "operationId": name,
            "requestBody": body,
            "responses": _answers(*answer),
        }
    }


def _body(properties: Schema, required: tuple[str, ...]) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _answers(good: str, more: dict[int, str]) -> Schema:
    """Return every status that a call can have."""
    found: Schema = {"200": _answer("What was asked for.", good)}
    for status, words in sorted({**_WORDS, **more}.items()):
        found[str(status)] = _answer(words, "Error", *(["XRoadError"] if status >= 500 else []))
    found["429"]["headers"] = {
        "Retry-After": {"description": "Seconds, or a date.", "schema": {"type": "string"}}
    }
    found["401"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return found


def _answer(words: str, *schemas: str) -> Schema:
    shapes = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    schema: Schema = dict(shapes[0]) if len(shapes) == 1 else {"anyOf": shapes}
    return {"description": words, "content": {"application/json": {"schema": schema}}}
