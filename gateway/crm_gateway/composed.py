"""Screens made of two services' answers: the owner's failure is the error, a helper's is a null with a notice."""

import asyncio
from dataclasses import dataclass

import orjson
from crm_chassis.access.principal import Principal
from crm_chassis.problems import Problem
from fastapi import Response

from crm_gateway.proxy.api import response_of
from crm_gateway.proxy.service import Passed, Proxy
from crm_gateway.proxy.upstream import ANSWER_S

HELPER_S = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One service's part of a screen: under which member it stands, and who is asked what."""

    member: str
    service: str
    target: str


async def compose(proxy: Proxy, caller: Principal, owner: Part, helper: Part) -> Response:
    """`{owner.member: …, helper.member: … | null, "notices": […]}`, the parts' bytes spliced as they came.

    The owner's refusal is passed on as it is; the helper has one second.
    """
    asked = asyncio.create_task(_helped(proxy, caller, helper))
    try:
        main = await proxy.get(owner.service, owner.target, caller, ANSWER_S)
        if main.status != 200:
            return response_of(main)
        aside = await asked
    finally:
        asked.cancel()
    notices = [] if aside is not None else [_notice(helper)]
    body = b'{"%s":%s,"%s":%s,"notices":%s}' % (
        owner.member.encode(),
        _bytes(main),
        helper.member.encode(),
        aside if aside is not None else b"null",
        orjson.dumps(notices),
    )
    return Response(body, media_type="application/json")


async def _helped(proxy: Proxy, caller: Principal, helper: Part) -> bytes | None:
    try:
        passed = await proxy.get(helper.service, helper.target, caller, HELPER_S)
    except Problem:
        return None
    return _bytes(passed) if passed.status == 200 else None


def _bytes(passed: Passed) -> bytes:
    assert isinstance(passed.body, bytes)
    return passed.body


def _notice(helper: Part) -> dict[str, str]:
    return {
        "code": f"{helper.member}_unavailable",
        "service": helper.service,
        "detail": "This part can not be shown right now; look again shortly.",
    }
