"""Routes: /demo — the sign-in page's hint, and the end of the demo."""

from crm_chassis.access.policy import require
from crm_chassis.http import JSON, Caller, Reader
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Response

from crm_gateway.demo import repository, schemas
from crm_gateway.demo.runner import Runner
from crm_gateway.sessions.door import SignedIn
from crm_gateway.settings import GatewaySettings


def router(settings: GatewaySettings, runner: Runner) -> APIRouter:
    """The demo."""
    routes = APIRouter(tags=["demo"])

    @routes.get("/demo", response_model=schemas.Demo)
    async def show_demo(reader: Reader) -> Response:
        """In demo mode: the people to be, as they were named by whoever runs it, and their password. Else nothing."""
        if not settings.demo_password:
            return JSON(schemas.Demo(password=None, users=[]))
        rows = {row.email: row for row in await repository.visitors(reader, settings.demo_users)}
        users = [
            schemas.Visitor(name=rows[email].name, email=email, role=rows[email].role)
            for email in settings.demo_users
            if email in rows
        ]
        return JSON(schemas.Demo(password=settings.demo_password, users=users))

    @routes.post("/demo/leave", status_code=202, response_model=schemas.Leaving)
    async def leave_demo(signed: SignedIn, caller: Caller) -> Response:
        """Everything of the demo goes: customers, calls, deals, messages, figures, colleagues. The caller stays.

        404 outside demo mode; 409 `still_filling` while the demo's year is still coming in.
        """
        if not settings.demo_password:
            raise NotFound
        require(caller, "user", "delete")
        await runner.leave(name=signed.name, email=signed.email, locale=signed.locale)
        return JSON(schemas.Leaving(), 202)

    return routes
