"""The live stream tells of what one may see, and of nothing else."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from crm_runner.demo.client import Client, Listener, wait_for

from tests.rights.people import User
from tests.rights.scene import Scene

_LATER = "2100-01-01T09:00:00Z"


@contextmanager
def _listening(*users: User) -> Iterator[list[Listener]]:
    listeners = [user.listen() for user in users]
    try:
        yield listeners
    finally:
        for listener in listeners:
            listener.close()


def _heard(listener: Listener, *needles: str) -> list[str]:
    """What was said with one of the needles in it; the snapshot, which is the first, left out."""
    told = [json.dumps([event, data]) for _, event, data in list(listener.heard)[1:]]
    return [each for each in told if any(needle in each for needle in needles)]


def _notices(listener: Listener) -> list[dict[str, Any]]:
    return [data for _, event, data in list(listener.heard) if event == "notice"]


def _wait_heard(listener: Listener, needle: str) -> None:
    wait_for(f"live news of {needle}", lambda: _heard(listener, needle), 60)


def test_strangers_hear_nothing_of_the_owners_things(scene: Scene) -> None:
    cast, estate = scene.cast, scene.estate
    owner: Client = cast.owner.client
    with _listening(cast.owner, cast.stranger, cast.lead, cast.nobody) as (own, *others):
        subjects = _change_everything(scene, own)
        phone = f"+38640{secrets.randbelow(900_000) + 100_000}"
        call = _call(scene, phone)
        _wait_heard(own, call["id"])
        # Who hears this has been told everything said before it.
        for user, listener in zip((cast.stranger, cast.lead, cast.nobody), others, strict=True):
            task = cast.admin.client.post("/api/v1/tasks", {"title": "Come", "due_at": _LATER, "owner_id": user.id})
            wait_for("the notice", partial(_notices, listener), 60)
            told = _heard(listener, *subjects, cast.owner.id, *estate.secrets, phone)
            assert not told, f"{user.key} heard {told}"
            assert task["owner_id"] == user.id
            assert not listener.pops(), f"{user.key} has a pop"
    assert owner.get("/api/v1/people", phone=phone)["items"]


def _change_everything(scene: Scene, own: Listener) -> list[str]:
    """The owner changes one of everything and hears of it; the ids."""
    owner, names, estate = scene.cast.owner.client, scene.estate.names, scene.estate
    changed = []
    for noun, name, field, called in (
        ("people", "person", "name", "Oseba"),
        ("companies", "company", "name", "Podjetje"),
        ("deals", "deal", "title", "Posel"),
        ("tasks", "task", "title", "Naloga"),
    ):
        body = {field: f"{called} {estate.word} {secrets.token_hex(3)}"}
        owner.patch(f"/api/v1/{noun}/{names[name]}", body, version=estate.version(name))
        changed.append(names[name])
    new = owner.post("/api/v1/deals", {"title": f"New {estate.word}", "person_id": names["person"]})
    letter = {"channel": "email", "person_id": names["person"], "subject": estate.word, "text": estate.word}
    message = owner.post("/api/v1/messages", letter)
    changed += [new["id"], message["id"]]
    for id in changed:
        if id != names["company"]:  # companies are no live news
            _wait_heard(own, id)
    return changed


def _call(scene: Scene, phone: str) -> dict[str, Any]:
    """A new customer rings the owner, who talks to them."""
    call = secrets.token_hex(6)
    scene.estate.ring(call, "call.ringing", phone)
    scene.estate.ring(call, "call.answered", phone)
    scene.estate.ring(call, "call.ended", phone)
    owner = scene.cast.owner.client
    found: list[dict[str, Any]] = wait_for(
        "the call", lambda: owner.get("/api/v1/calls", phone=phone, result="answered")["items"], 60
    )
    return found[0]


def test_a_call_is_everybodys_news_only_until_it_is_known_whose_it_is(scene: Scene) -> None:
    """Until its card is known a ringing call is unassigned, which the policy shows to all who may see that: ids only.

    From then on it is the card owner's, for the list of calls and for the live stream alike.
    """
    cast, phone = scene.cast, f"+38640{secrets.randbelow(900_000) + 100_000}"
    with _listening(cast.owner, cast.stranger, cast.nobody) as (own, others, nobodys):
        call = secrets.token_hex(6)
        scene.estate.ring(call, "call.ringing", phone)
        wait_for("the pop of the owner", lambda: own.pops("opened"), 60)
        id = own.pops("opened")[-1]["call_id"]
        wait_for("the card of the call", lambda: [pop for pop in own.pops() if pop["pop"] and _sure(pop["pop"])], 60)
        wait_for("the call's owner", lambda: _status(cast.stranger, id) == 404, 60)
        rang = len(_heard(own, "telephony.call.rang"))
        scene.estate.ring(call, "call.ringing", phone, "778")
        wait_for("another ring", lambda: len(_heard(own, "telephony.call.rang")) > rang, 60)
        scene.estate.ring(call, "call.ended", phone)
        _wait_heard(own, "telephony.call.missed")
        cast.admin.client.post("/api/v1/tasks", {"title": "C", "due_at": _LATER, "owner_id": cast.stranger.id})
        wait_for("the notice", partial(_notices, others), 60)
        news = [data for _, event, data in list(others.heard) if event == "change" and data["id"] == id]
        first = [("telephony.call.rang.v1", 1)]
        assert [(data["type"], data["version"]) for data in news] in ([], first), (
            f"told when it was the owner's: {news}"
        )
        assert not any(phone in told or scene.estate.word in told for told in _heard(others, id))
        assert _heard(nobodys, id) == []


def _sure(pop: dict[str, Any]) -> bool:
    return bool(pop["person_certain"])


def _status(user: User, call_id: str) -> int:
    return user.ask("gateway", "GET", f"/api/v1/calls/{call_id}").status_code
