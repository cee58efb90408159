"""The errors that the service answers itself; the real shapes are not known (contract §9 #10).

Keep out faults that stand for a broken path (`fault_answers.py`) and X-Road's (`http_access.py`).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping


def refusal(
    shape: str, status: int, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error of a shape: `json`, `problem` (RFC 9457), `text` or `empty`."""
    if shape == "empty":
        return Response(status_code=status, headers=headers)
    if shape == "text":
        return PlainTextResponse(message, status, headers)
    if shape == "problem":
        title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Refused"
        problem = {"type": "about:blank", "title": title, "status": status, "detail": message}
        return JSONResponse(problem, status, headers, "application/problem+json")
    return JSONResponse({"status": status, "message": message}, status, headers)
