"""The story of one call, told through the gateway's port and the PBX's sockets alone, every step checked.

An unknown number rings → pop → card, deal → nobody answers → call-back task → reminder → click-to-call → answered,
task closed → deal moves → the customer gets a mail → the figures show it. One correlation id runs through it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from crm_runner.demo.client import Client, Listener, wait_for
from crm_runner.demo.company import LINE_SALES, Company, default_pipeline
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.errors import RunnerError

ZONE = ZoneInfo("Europe/Ljubljana")
WORK_FROM, WORK_TO = 9, 18
CALLBACK_MINUTES = 15
FIGURES_WITHIN_S = 5
SETTLED_LOOKS = 10


@dataclass
class Story:
    """What happened, for those who check more than the story itself does."""

    person_id: str = ""
    deal_id: str = ""
    task_id: str = ""
    correlation_id: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    owner: str = ""
    figures_s: float = 0.0


def due_after(at: datetime, minutes: int) -> datetime:
    """`minutes` working minutes after `at`, counted one by one: slow, plain, and not the product's own code."""
    local = at.astimezone(ZONE)
    while minutes:
        local = (local.astimezone(UTC) + timedelta(minutes=1)).astimezone(ZONE)
        start = local - timedelta(minutes=1)
        if start.weekday() < 5 and WORK_FROM <= start.hour < WORK_TO:
            minutes -= 1
        elif start.weekday() >= 5 or start.hour >= WORK_TO or start.hour < WORK_FROM:
            local = _opening(start)
    return local.astimezone(UTC)


def _opening(at: datetime) -> datetime:
    day = at.date() + timedelta(days=at.hour >= WORK_FROM)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, WORK_FROM, tzinfo=ZONE)


def play(
    company: Company,
    pbx: EmulatedPbx,
    mailbox: Mailbox,
    say: Callable[[str], None],
    *,
    caller: str = "+38640999123",
    pops: bool = True,
) -> Story:
    """The whole story; RunnerError at the first step that is not as it should be.

    `pops` False: the webhooks come after the call's end, when a pop would be a lie and must not appear.
    """
    story = Story()
    head = company.client("Marko")
    before = _settled(head)
    team = {name: company.client(name) for name in ("Ana", "Boris")}
    screens = {name: company.client(name).listen() for name in ("Ana", "Boris", "Cene", "Marko")}
    try:
        _rings_and_is_missed(company, pbx, screens, story, say, caller, pops=pops)
        owner = _card_and_deal(company, team, story, say, caller)
        task = _call_back_task(owner, story, say)
        _reminder(owner, screens[story.owner], task, story, say)
        address = _names_the_customer(owner, story, say)
        _calls_back(owner, pbx, task, story, say)
        _deal_moves(owner, mailbox, address, story, say)
        _figures(head, before, story, say)
        _one_timeline_one_story(owner, story, say)
    finally:
        for screen in screens.values():
            screen.close()
    return story


def _rings_and_is_missed(
    company: Company,
    pbx: EmulatedPbx,
    screens: dict[str, Listener],
    story: Story,
    say: Callable[[str], None],
    caller: str,
    *,
    pops: bool,
) -> None:
    say(f"{caller}, unknown so far, rings extensions 101 and 102 on {LINE_SALES}")
    pbx.ring(caller, LINE_SALES, ["101", "102"], "ring-no-answer", ring_s=1.5)
    head = company.client("Marko")
    if pops:
        for name in ("Ana", "Boris"):
            wait_for(f"a pop on {name}'s screen", partial(screens[name].pops, "opened"))
        say("a pop opened on Ana's and Boris's screens")
        wait_for("the pop naming the new card", lambda: [p for p in screens["Ana"].pops() if _named(p)])
    call = wait_for("the missed call", lambda: _first(head, "/api/v1/calls", phone=caller, result="missed"))
    if pops:
        for name in ("Ana", "Boris"):
            wait_for(f"the pop on {name}'s screen closing", partial(screens[name].pops, "closed"))
    for name in ("Cene", "Marko") if pops else screens:
        if screens[name].pops():
            raise RunnerError(f"{name} saw a pop of a call that did not ring there")
    if not pops:
        say("the webhooks came after the end, thrice and in reverse: no pop, as it should be")
    story.calls.append(call)
    story.correlation_id = call["correlation_id"]
    say("nobody answered: the call is missed")


def _card_and_deal(
    company: Company, team: dict[str, Client], story: Story, say: Callable[[str], None], caller: str
) -> Client:
    head = company.client("Marko")
    people = wait_for("the card", lambda: head.get("/api/v1/people", phone=caller)["items"])
    if len(people) != 1:
        raise RunnerError(f"{len(people)} cards for one number")
    person = people[0]
    story.person_id = person["id"]
    owners = {client.id: name for name, client in team.items()}
    if person["owner_id"] not in owners or person["owner_source"] != "rule":
        raise RunnerError(f"the owner rule chose {person['owner_id']}, not a ringing salesperson")
    story.owner = owners[person["owner_id"]]
    owner = team[story.owner]
    deals = wait_for("the deal", lambda: owner.get("/api/v1/deals", person_id=story.person_id)["items"])
    pipeline = default_pipeline(owner)
    if len(deals) != 1 or deals[0]["stage_id"] != pipeline["stages"][0]["id"] or deals[0]["owner_id"] != owner.id:
        raise RunnerError(f"not one deal of the owner in the first stage: {deals}")
    story.deal_id = deals[0]["id"]
    say(f"one card and one deal in stage New, both {story.owner}'s by the rule")
    return owner


def _call_back_task(owner: Client, story: Story, say: Callable[[str], None]) -> dict[str, Any]:
    def open_task() -> dict[str, Any] | None:
        task = _first(owner, "/api/v1/tasks", kind="callback", status="open", person_id=story.person_id)
        return task if task and task["owner_id"] == owner.id else None

    task: dict[str, Any] = wait_for("the call-back task", open_task)
    ended = datetime.fromisoformat(story.calls[0]["ended_at"])
    expected = due_after(ended, CALLBACK_MINUTES)
    due = datetime.fromisoformat(task["due_at"])
    if abs((due - expected).total_seconds()) > 60:
        raise RunnerError(f"the call-back is due {due}, 15 working minutes after {ended} is {expected}")
    if task["misses"] != 1:
        raise RunnerError(f"one miss was counted {task['misses']} times")
    story.task_id = task["id"]
    say(f"a call-back task, due in 15 working minutes: {due.astimezone(ZONE):%a %H:%M}")
    return task


def _reminder(owner: Client, screen: Listener, task: dict[str, Any], story: Story, say: Callable[[str], None]) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    owner.patch(f"/api/v1/tasks/{task['id']}", {"remind_at": soon.isoformat()}, version=task["version"])

    def reminded() -> list[dict[str, Any]]:
        notices = owner.get("/api/v1/notices", unread="true")["items"]
        return [n for n in notices if n["subject_id"] == task["id"] and "reminder" in n["kind"]]

    notices = wait_for("the reminder", reminded)
    if len(notices) != 1:
        raise RunnerError(f"the reminder fired {len(notices)} times")
    wait_for("the reminder on the live stream", lambda: [e for _, e, d in screen.heard if e == "notice"])
    say("the reminder (moved to now) fired once")


def _names_the_customer(owner: Client, story: Story, say: Callable[[str], None]) -> str:
    path = f"/api/v1/people/{story.person_id}"
    person = owner.get(path)
    address = f"vera-{story.person_id[-6:]}@kupec.example"
    changes = {"name": "Vera Kupec", "emails": [{"address": address}]}
    owner.patch(path, changes, version=person["version"], story=story.correlation_id)
    say(f"{story.owner} names the card: Vera Kupec, {address}")
    return address


def _calls_back(
    owner: Client, pbx: EmulatedPbx, task: dict[str, Any], story: Story, say: Callable[[str], None]
) -> None:
    person = owner.get(f"/api/v1/people/{story.person_id}")
    pbx.answer_callbacks(script="answer", ring_s=0.5, talk_s=2.0)
    body = {"person_id": story.person_id, "phone_id": person["phones"][0]["id"]}
    call = owner.post("/api/v1/calls", body, story=task["correlation_id"])
    say("one press: click to call")

    def ended() -> dict[str, Any] | None:
        now = owner.get(f"/api/v1/calls/{call['id']}")
        if now["phase"] == "ended" and now["result"] != "answered":
            raise RunnerError(f"the call back ended as {now['result']}")
        return now if now["phase"] == "ended" else None

    done = wait_for("the call back being answered and over", ended)
    story.calls.append(done)
    outbound = owner.get("/api/v1/calls", direction="out")["items"]
    if [c["id"] for c in outbound if c["phone"] == done["phone"]] != [call["id"]]:
        raise RunnerError("the call back is not exactly one call")

    def closed() -> bool:
        return bool(owner.get(f"/api/v1/tasks/{task['id']}")["status"] == "done")

    wait_for("the task closing by itself", closed)
    say(f"answered, {done['talk_s']} s talked; the task closed by itself")


def _deal_moves(owner: Client, mailbox: Mailbox, address: str, story: Story, say: Callable[[str], None]) -> None:
    stages = {stage["name"]: stage["id"] for stage in default_pipeline(owner)["stages"]}
    path = f"/api/v1/deals/{story.deal_id}"
    deal = owner.get(path)
    move = {"stage_id": stages["Measuring"]}
    owner.post(f"{path}/move", move, version=deal["version"], story=story.correlation_id)
    mails = wait_for("the mail to the customer", lambda: mailbox.to(address))
    if len(mails) != 1 or "Vera Kupec" not in str(mails[0].get_body(("plain",))):
        raise RunnerError(f"not one mail naming the customer: {[str(mail) for mail in mails]}")

    def sent() -> list[dict[str, Any]]:
        messages = owner.get("/api/v1/messages", person_id=story.person_id)["items"]
        return [message for message in messages if message["status"] == "sent"]

    wait_for("the message being marked sent", sent)
    say(f"the deal moved to Measuring and one mail went out: “{mails[0]['Subject']}”")


def _counts(head: Client) -> dict[str, int]:
    """What the story will change in the figures of today."""
    today = datetime.now(ZONE).date().isoformat()
    window = {"from": today, "to": today}
    pipeline = default_pipeline(head)
    funnel = head.get("/api/v1/reports/funnel", pipeline_id=pipeline["id"], **window)
    stage = {entry["name"]: entry for entry in funnel["stages"]}
    day = head.get("/api/v1/reports/calls-per-day", **window)["days"][0]
    return {
        "entered New": stage["New"]["entered"]["count"],
        "advanced from New": stage["New"]["advanced"]["count"],
        "in Measuring": stage["Measuring"]["still_there"]["count"],
        "calls missed": day["missed"]["count"],
        "calls in": day["in"]["count"],
        "calls out": day["out"]["count"],
        "calls answered": day["answered"]["count"],
    }


def _settled(head: Client) -> dict[str, int]:
    """The figures once nothing that happened before is still on its way into them."""
    seen: list[dict[str, int]] = []

    def unchanged() -> bool:
        seen.append(_counts(head))
        return len(seen) > SETTLED_LOOKS and all(counts == seen[-1] for counts in seen[-SETTLED_LOOKS:])

    wait_for("the figures settling", unchanged)
    return seen[-1]


def _figures(head: Client, before: dict[str, int], story: Story, say: Callable[[str], None]) -> None:
    began = time.monotonic()
    expected = {name: count + 1 for name, count in before.items()}
    wait_for("funnel and calls figures", lambda: _counts(head) == expected, FIGURES_WITHIN_S)
    story.figures_s = time.monotonic() - began
    say(f"funnel and calls figures show it, each by exactly one ({story.figures_s:.1f} s after the mail)")


def _one_timeline_one_story(owner: Client, story: Story, say: Callable[[str], None]) -> None:
    def items() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = owner.get(f"/api/v1/people/{story.person_id}/timeline")["items"]
        kinds = [item["kind"] for item in found]
        whole = kinds.count("call") == 2 and {"task", "message"} <= set(kinds) and sum("deal" in k for k in kinds) == 2
        return found if whole else []

    timeline = wait_for("two calls, the task, the deal's two steps and the mail on one timeline", items)
    times = [datetime.fromisoformat(item["happened_at"]) for item in timeline]
    if times != sorted(times, reverse=True):
        raise RunnerError(f"the timeline is not in the order things happened: {times}")
    parts = {
        "call back": story.calls[1]["correlation_id"],
        "deal": owner.get(f"/api/v1/deals/{story.deal_id}")["correlation_id"],
        "task": owner.get(f"/api/v1/tasks/{story.task_id}")["correlation_id"],
        "mail": owner.get("/api/v1/messages", person_id=story.person_id)["items"][0]["correlation_id"],
    }
    others = {part: id for part, id in parts.items() if id != story.correlation_id}
    if others:
        raise RunnerError(f"the story is {story.correlation_id}, but: {others}")
    card = owner.get(f"/api/v1/card/person/{story.person_id}")
    if card["work"] is None:
        raise RunnerError("the card came without its deals and tasks")
    say(f"all of it on one timeline, under one correlation id {story.correlation_id}")


def _named(pop: dict[str, Any]) -> bool:
    return bool(pop["pop"] and pop["pop"]["person_id"])


def _first(client: Client, path: str, **query: Any) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = client.get(path, **query)["items"]
    return items[0] if items else None
