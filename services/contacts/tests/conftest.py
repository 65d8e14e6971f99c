"""One running contacts service for the whole session; every test uses its own people, users and numbers."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually, running
from crm_contacts import consumers
from crm_contacts.main import wiring
from crm_contacts.settings import ContactsSettings
from crm_contracts import deals, gateway, telephony
from crm_contracts.envelope import Envelope

Json = dict[str, Any]
_numbers: Iterator[int] = itertools.count(100_000)


@pytest.fixture(scope="session")
def files_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service keeps the contents of files."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session")
async def contacts(
    make_database: Callable[[str], str], make_vhost: Callable[[], str], files_dir: Path
) -> AsyncIterator[Harness]:
    """The service on its own database, virtual host and folder of files."""
    servers = {"database_url": make_database("contacts"), "amqp_url": make_vhost()}
    async with running(wiring, ContactsSettings, **servers, contacts_files_dir=files_dir) as harness:
        yield harness


@pytest.fixture
def number() -> str:
    """A valid Slovenian mobile number nobody else in this session has, in E.164."""
    return f"+38640{next(_numbers)}"


@pytest.fixture
def call(number: str) -> Callable[..., telephony.CallState]:
    """Builds a call; left out, an unknown customer rings and nobody answers."""

    def build(**fields: Any) -> telephony.CallState:
        id = fields.pop("id", None) or new_id()
        phone = fields.pop("phone", number)
        known: Json = {
            "id": id,
            "connection_id": new_id(),
            "vendor_call_id": str(id),
            "direction": "in",
            "phase": "ringing",
            "result": None,
            "line": "+38615000000",
            "hidden": False,
            "started_at": datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
            "answered_at": None,
            "ended_at": None,
            "ring_s": 0,
            "talk_s": 0,
            "hold_s": 0,
            "queue_s": 0,
            "ringing_user_ids": [],
            "answered_by": None,
            "responsible_user_id": None,
            "line_team_id": None,
            "fallback_user_id": new_id(),
            "origin": "pbx",
            "command_id": None,
            "person_hint_id": None,
            "correlation_id": new_id(),
            "version": 1,
            "pii": {"phone": phone, "phone_raw": fields.pop("phone_raw", phone or "")},
        }
        return telephony.CallState.model_validate(known | fields)

    return build


@pytest.fixture
def deal() -> Callable[..., deals.DealState]:
    """Builds an open deal; with `from_stage_id`, one that has just entered its stage."""

    def build(**fields: Any) -> deals.DealState:
        moment = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
        known: Json = {
            "id": new_id(),
            "person_id": None,
            "company_id": None,
            "pipeline_id": new_id(),
            "stage_id": new_id(),
            "stage_entry_id": new_id(),
            "stage_entered_at": moment,
            "outcome": None,
            "loss_reason": None,
            "amount": "0.00",
            "currency": "EUR",
            "owner_id": new_id(),
            "lines": [],
            "origin_type": "manual",
            "origin_id": None,
            "created_at": moment,
            "closed_at": None,
            "expected_close_on": None,
            "correlation_id": new_id(),
            "version": 1,
            "pii": {"title": "Windows"},
        } | fields
        if "from_stage_id" in known:
            return deals.DealStageChanged.model_validate(known | {"to_stage_id": known["stage_id"]})
        return deals.DealState.model_validate(known)

    return build


@pytest.fixture
def ring(contacts: Harness) -> Callable[..., Envelope]:
    """The event of a call's state; the type follows the state unless given."""

    def envelope(state: telephony.CallState, **more: Any) -> Envelope:
        kind = telephony.CALL_ANSWERED if state.answered_by else telephony.CALL_RANG
        return contacts.event(
            more.pop("type", kind),
            state,
            subject="call",
            id=state.id,
            sequence=state.version,
            correlation_id=state.correlation_id,
            **{"time": state.started_at} | more,
        )

    return envelope


@pytest.fixture
def hear(contacts: Harness) -> Callable[..., Awaitable[None]]:
    """Sends events through the bus and returns when capture has dealt with each of them."""

    async def deliver(*events: Envelope) -> None:
        await contacts.deliver(*events)
        wanted = {event.id for event in events}

        async def heard() -> bool:
            rows = await contacts.rows(
                "SELECT event_id FROM inbox WHERE reader = 'contacts.capture' AND event_id = ANY(:ids)",
                ids=list(wanted),
            )
            return {UUID(str(row["event_id"])) for row in rows} == wanted

        await eventually(heard)

    return deliver


@pytest.fixture
def keep(contacts: Harness) -> Callable[[Sequence[Envelope]], Awaitable[None]]:
    """Gives a batch of events to the timeline, as its consumer does."""

    async def apply(events: Sequence[Envelope]) -> None:
        with telling(Story.of_system("contacts")):
            async with contacts.database.transaction() as tx:
                await consumers.keep_history(tx, events)

    return apply


@pytest.fixture
def join(contacts: Harness) -> Callable[..., Awaitable[None]]:
    """Makes users known to the service's copy of the staff."""

    async def tell(*users: UUID, team_id: UUID | None = None, active: bool = True, version: int = 1) -> None:
        kind = gateway.USER_CREATED if active else gateway.USER_LEFT
        states = [
            gateway.UserState(
                id=user,
                role="salesperson",
                team_id=team_id,
                locale="en",
                active=active,
                version=version,
                pii=gateway.UserPii(name="Somebody", email="somebody@example.test"),
            )
            for user in users
        ]
        await contacts.deliver(
            *(contacts.event(kind, state, subject="user", id=state.id, sequence=version) for state in states)
        )

        async def known() -> bool:
            rows = await contacts.rows(
                "SELECT count(*) AS n FROM staff_member WHERE id = ANY(:ids) AND version = :version",
                ids=list(users),
                version=version,
            )
            return bool(rows[0]["n"] == len(users))

        await eventually(known)

    return tell


@pytest.fixture
def enter(contacts: Harness) -> Callable[..., Awaitable[Json]]:
    """Enters a person (or, with noun="companies", a company) by hand and returns the answer."""

    async def create(principal: Principal, noun: str = "people", **body: Any) -> Json:
        answer = await contacts.client.post(
            f"/api/v1/{noun}", json={"name": "Somebody"} | body, headers=contacts.headers(principal)
        )
        assert answer.status_code == 201, answer.text
        created: Json = answer.json()
        return created

    return create


@pytest.fixture
def card_of(contacts: Harness) -> Callable[[UUID], Awaitable[Json]]:
    """The row of the person a call is linked to."""

    async def read(call_id: UUID) -> Json:
        rows = await contacts.rows(
            "SELECT person.* FROM person JOIN call_link ON person_id = person.id WHERE call_id = :id",
            id=call_id,
        )
        return rows[0]

    return read


@pytest.fixture
def links_of(contacts: Harness) -> Callable[[UUID], Awaitable[list[Envelope]]]:
    """The call.linked events of a call, in order."""

    async def read(call_id: UUID) -> list[Envelope]:
        return [event for event in await contacts.recorded("contacts.call.linked.v1") if event.subject_id == call_id]

    return read
