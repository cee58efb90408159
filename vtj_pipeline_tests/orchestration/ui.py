"""Dagster's UI as a program sees it: whether it answers, and what it is asked by GraphQL."""

from __future__ import annotations

import socket
from typing import Any

import httpx

LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus
locationOrLoadError { __typename ... on PythonError { message } } } } } }"""


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/server_info").status_code == 200
    except httpx.TransportError:
        return False


def ask(client: httpx.Client, query: str, **variables: Any) -> dict[str, Any]:
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]
    return found


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
