"""The sandbox's own calls: its clock, its faults, what there is to see; no part of the imitation.

Add a call for people and tests here. Keep out the source's calls (`service.py`).
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import requests
from vtj_pipeline.sandbox.fault_plan import FaultDice, plan_of
from vtj_pipeline.sandbox.openapi import document
from vtj_pipeline.sandbox.overview import overview
from vtj_pipeline.sandbox.refusals import refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from vtj_pipeline.sandbox.fault_answers import Faulty
    from vtj_pipeline.sandbox.service import Service


class Control:
    """What a developer or a test does with a running sandbox."""

    def __init__(self, service: Service) -> None:
        """Control this service; `faulty` is set when the layer of faults stands."""
        self._service = service
        self.dice = FaultDice(plan_of(service.sandbox.options))
        self.faulty: Faulty | None = None

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.page),
            Route("/openapi.json", self.openapi),
            Route("/sandbox/clock", self.clock, methods=["GET", "POST"]),
            Route("/sandbox/faults", self.faults, methods=["GET", "POST"]),
            Route("/sandbox/overview", self.overview),
            Route("/sandbox/persons", self.counts),
            Route("/sandbox/truth/counts", self.counts),
        ]

    async def page(self, request: Request) -> Response:
        """Answer the page for people."""
        del request
        text = (files("vtj_pipeline.sandbox") / "page.html").read_text("utf-8")
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    async def openapi(self, request: Request) -> Response:
        """Answer the OpenAPI document."""
        del request
        return JSONResponse(document(self._service.sandbox))

    async def overview(self, request: Request) -> Response:
        """Answer what the page shows."""
        del request
        return JSONResponse({**overview(self._service.sandbox), "faults": self._faults_now()})

    async def clock(self, request: Request) -> Response:
        """Answer the sandbox's current day, and set it on POST."""
        sandbox = self._service.sandbox
        if request.method == "POST":
            try:
                day = requests.read_clock(await request.body())
                async with self._service.clock_lock:
                    sandbox.advance_to(day)
            except SandboxError as error:
                return refusal("json", 400, str(error))
        return JSONResponse({"today": sandbox.today.isoformat()})

    async def faults(self, request: Request) -> Response:
        """Answer the faults that are on and what they did; on POST set them and begin anew."""
        if request.method == "POST":
            try:
                self._set_faults(requests.read_plan(await request.body()))
            except SandboxError as error:
                return refusal("json", 400, str(error))
        return JSONResponse(self._faults_now())

    def _set_faults(self, wanted: dict[str, Any]) -> None:
        quota = self._service.quota
        if "daily_quota" in wanted:
            quota.daily = wanted.pop("daily_quota")
        self.dice = FaultDice(replace(self.dice.plan, **wanted))
        if self.faulty is not None:
            self.faulty.dice = self.dice

    def _faults_now(self) -> dict[str, Any]:
        plan, quota = self.dice.plan, self._service.quota
        return {
            "shares": dict(plan.shares),
            "most_faults_in_a_row": plan.most_in_a_row,
            "slow_seconds": plan.slow_seconds,
            "retry_after_seconds": plan.retry_after_seconds,
            "seed": plan.seed,
            "requests": self.dice.requests,
            "injected": dict(sorted(self.dice.injected.items())),
            "daily_quota": quota.daily,
            "calls_today": quota.today(self._service.sandbox.today),
        }

    async def counts(self, request: Request) -> Response:
        """Answer how many persons and entries there are."""
        del request
        return JSONResponse(self._service.sandbox.counts())
