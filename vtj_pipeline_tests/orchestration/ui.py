"""Dagster's UI as a program sees it: whether it answers, and what it is asked by GraphQL."""

from __future__ import annotations

from typing import Any

import httpx

LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus
locationOrLoadError { __typename ... on PythonError { message } } } } } }"""
LAUNCH_BACKFILL = """mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""


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


def launch_backfill(client: httpx.Client, asset: list[str], days: list[str], title: str) -> str:
    """Launch what the dialog of an asset's partitions launches; the backfill's identifier."""
    params = {"assetSelection": [{"path": asset}], "partitionNames": days, "title": title}
    launched = ask(client, LAUNCH_BACKFILL, params=params)["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    return str(launched["backfillId"])
