"""What an emulated Mango PBX says while a call goes on, word for word and second for second. Pure.

Shapes: vendor's PDF v1.9. A script is a list of steps: wait so long, then send these webhooks.
"""

import itertools
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Script = Literal["ring-no-answer", "answer", "answer-and-hold", "transfer", "hang-up-in-queue", "hang-up-in-ivr"]
CallbackScript = Literal["answer", "no-answer", "busy", "agent-away", "refuse", "fail-later", "time-out"]

CALLER_HUNG_UP, CALLEE_HUNG_UP, NO_ANSWER, BUSY, ELSEWHERE, NORMAL = 1110, 1120, 1111, 1121, 1170, 1100
DONE, NO_SUCH_EXTENSION = 1000, 3103

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Webhook:
    """One POST: where below the hook's address, and its JSON without times."""

    path: str
    body: Body


@dataclass(frozen=True, slots=True)
class Step:
    """Wait `after` seconds, then these happen at once."""

    after: float
    webhooks: tuple[Webhook, ...]


@dataclass(slots=True)
class Leg:
    """A leg with its own counter of events."""

    entry: str
    party: Body
    call_id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    _seq: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def says(self, state: str, reason: int | None = None, **more: Any) -> Webhook:
        """The next event of this leg."""
        body = {"entry_id": self.entry, "call_id": self.call_id, "seq": next(self._seq), "call_state": state}
        body |= self.party | more
        if reason is not None:
            body["disconnect_reason"] = reason
        return Webhook("events/call", body | {"dct": {"type": 0}})


def new_entry() -> str:
    """An id as the PBX makes them for a whole call."""
    return secrets.token_urlsafe(12)


def desk(extension: str, line: str) -> Body:
    """The called end of a leg to an employee."""
    return {"extension": extension, "number": f"sip:user{extension}@demo.mangosip.ru", "line_number": line}


def inbound(
    entry: str, caller: str, line: str, extensions: Sequence[str], script: Script, ring_s: float, talk_s: float
) -> list[Step]:
    """A customer calls a line; the group's phones ring at once. An empty `caller` is a hidden one."""
    source = {"number": caller} if caller else {}
    if script == "hang-up-in-ivr":
        menu = Leg(entry, {"location": "ivr", "from": source, "to": {"number": line, "line_number": line}})
        return [
            Step(0, (menu.says("Appeared"), menu.says("Connected"))),
            Step(ring_s, (menu.says("Disconnected", CALLER_HUNG_UP), _summary(entry, 1, source, {}, line))),
        ]
    queue = Leg(
        entry,
        {"location": "queue", "from": source, "to": {"number": line, "line_number": line, "acd_group": "303"}},
    )
    if script == "hang-up-in-queue":
        waits = Step(0, (queue.says("Appeared"),))
        leaves = (queue.says("Disconnected", CALLER_HUNG_UP), _summary(entry, 1, source, {}, line))
        return [waits, Step(ring_s, leaves)]
    taken = source | {"taken_from_call_id": queue.call_id}
    desks = [
        Leg(entry, {"location": "abonent", "from": taken, "to": desk(extension, line)}) for extension in extensions
    ]
    steps = [Step(0, (queue.says("Appeared"), *(leg.says("Appeared") for leg in desks)))]
    if script == "ring-no-answer":
        gone = tuple(leg.says("Disconnected", CALLER_HUNG_UP) for leg in (*desks, queue))
        missed = {"extension": extensions[0], "number": desk(extensions[0], line)["number"]}
        return [*steps, Step(ring_s, (*gone, _summary(entry, 1, source, missed, line)))]
    first, others = desks[0], desks[1:]
    quiet = tuple(leg.says("Disconnected", ELSEWHERE) for leg in others)
    steps.append(Step(ring_s, (first.says("Connected"), *quiet, queue.says("Disconnected", NORMAL))))
    speaker = {"extension": extensions[0], "number": first.party["to"]["number"]}
    ended = _summary(entry, 1, source, speaker, line, talked=True)
    if script == "answer-and-hold":
        third = talk_s / 3
        steps += [Step(third, (first.says("OnHold"),)), Step(third, (first.says("Connected"),))]
        return [*steps, Step(third, (first.says("Disconnected", CALLER_HUNG_UP), ended))]
    if script == "transfer" and len(extensions) > 1:
        source = source | {"taken_from_call_id": first.call_id}
        second = Leg(entry, {"location": "abonent", "from": source, "to": desk(extensions[1], line)})
        half = talk_s / 2
        steps += [
            Step(half, (first.says("Disconnected", NORMAL, transfer="blind"), second.says("Appeared"))),
            Step(0, (second.says("Connected"),)),
        ]
        return [*steps, Step(half, (second.says("Disconnected", CALLEE_HUNG_UP), ended))]
    return [*steps, Step(talk_s, (first.says("Disconnected", CALLER_HUNG_UP), ended))]


def callback(
    entry: str,
    command_id: str,
    extension: str,
    number: str,
    line: str,
    script: CallbackScript,
    ring_s: float,
    talk_s: float,
) -> list[Step]:
    """Click-to-call: the extension rings first, then the customer; every event carries the command's id."""
    result = Webhook(
        "result/callback",
        {"command_id": command_id, "result": NO_SUCH_EXTENSION if script == "fail-later" else DONE},
    )
    if script == "fail-later":
        return [Step(0, (result,))]
    order = {"command_id": command_id, "callback_initiator": "API", "location": "abonent"}
    agent = Leg(entry, order | {"from": {"number": number}, "to": desk(extension, line)})
    caller = {"extension": extension, "number": desk(extension, line)["number"]}
    callee = {"number": number, "line_number": line}
    customer = Leg(entry, order | {"from": caller | {"taken_from_call_id": agent.call_id}, "to": callee})
    steps = [Step(0, (agent.says("Appeared"), result))]

    def over(reason: int, *legs: Leg, talked: bool = False) -> tuple[Webhook, ...]:
        last = _summary(entry, 2, caller, {"number": number}, line, talked=talked, reason=reason)
        return (*(leg.says("Disconnected", reason) for leg in legs), last)

    if script == "agent-away":
        return [*steps, Step(ring_s, over(NO_ANSWER, agent))]
    steps.append(Step(min(ring_s, 1.0), (agent.says("Connected"), customer.says("Appeared"))))
    if script == "no-answer":
        return [*steps, Step(ring_s, over(NO_ANSWER, customer, agent))]
    if script == "busy":
        return [*steps, Step(0, over(BUSY, customer, agent))]
    steps.append(Step(ring_s, (customer.says("Connected"),)))
    return [*steps, Step(talk_s, over(CALLEE_HUNG_UP, customer, agent, talked=True))]


def recorded(entry: str, extension: str, at: int) -> tuple[Webhook, Webhook]:
    """What is said when the recording of a call is complete, and when it can be had."""
    body = {"recording_id": f"{entry}-r", "entry_id": entry, "call_id": entry, "extension": extension}
    complete = {"recording_state": "Completed", "seq": 2, "completion_code": DONE, "recipient": "Cloud"}
    return (
        Webhook("events/recording", body | complete | {"timestamp": str(at)}),
        Webhook("events/record/added", body | {"timestamp": str(at)}),
    )


def begins_talk(body: Body) -> bool:
    """Whether with this event somebody talks with the customer: not when only our own desk has picked up."""
    if body.get("call_state") != "Connected" or body.get("location") != "abonent":
        return False
    return "callback_initiator" not in body or "extension" in body["from"]


def with_times(body: Body, at: float, began: float, talked: float) -> Body:
    """The body with whole seconds, as the PBX tells time."""
    if "call_state" in body:
        return body | {"timestamp": int(at)}
    if "call_direction" in body:
        talk = int(talked) if body["talk_time"] else 0
        times = {"create_time": int(began), "forward_time": int(began), "talk_time": talk, "end_time": int(at)}
        return body | times
    return body


def _summary(
    entry: str, direction: int, source: Body, target: Body, line: str, *, talked: bool = False, reason: int = NORMAL
) -> Webhook:
    """The final record; the PBX fills in the times. `talk_time` says whether it is to have one."""
    return Webhook(
        "events/summary",
        {
            "entry_id": entry,
            "call_direction": direction,
            "from": {name: value for name, value in source.items() if name != "taken_from_call_id"},
            "to": target,
            "line_number": line,
            "talk_time": talked,
            "entry_result": int(talked),
            "disconnect_reason": reason,
        },
    )
