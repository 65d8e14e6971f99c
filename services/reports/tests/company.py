"""A small company whose services speak: it makes the events the tests feed to reports."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually
from crm_contracts import contacts, deals, gateway, telephony
from crm_contracts.base import Body, Removed
from crm_contracts.envelope import Envelope, Lane

OPEN_STAGES = ("New", "Contacted", "Measuring", "Offer", "Contract")
DAY = timedelta(days=1)


def utc(text: str) -> datetime:
    """`2026-03-29 00:30` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def envelope(type_: str, subject: str, id: UUID, sequence: int, at: datetime, data: Body) -> Envelope:
    """The event as its producer sends it."""
    return Envelope(
        id=new_id(),
        source=f"/{type_.partition('.')[0]}",
        type=type_,
        subject=f"{subject}/{id}",
        time=at,
        recordedtime=at,
        sequence=sequence,
        actor="system:test",
        correlationid=new_id(),
        lane=Lane.LIVE,
        data=data.model_dump(mode="json"),
    )


@dataclass
class Pipeline:
    """The default pipeline; `stage("Offer")` is the id of a stage."""

    id: UUID = field(default_factory=new_id)
    stages: list[deals.Stage] = field(default_factory=list)
    version: int = 0

    def __post_init__(self) -> None:
        names = [*((name, "open") for name in OPEN_STAGES), ("Won", "won"), ("Lost", "lost")]
        self.stages = [
            deals.Stage(id=new_id(), name=name, kind=kind, position=position, probability=10 * position)
            for position, (name, kind) in enumerate(names)
        ]

    def stage(self, name: str) -> deals.Stage:
        """The stage of this name."""
        return next(stage for stage in self.stages if stage.name == name)

    def changed(self, at: datetime) -> Envelope:
        """The pipeline as it is now."""
        self.version += 1
        state = deals.PipelineState(
            id=self.id, name="Sales", stages=self.stages, loss_reasons=["price"], version=self.version
        )
        return envelope(deals.PIPELINE_CHANGED, "pipeline", self.id, self.version, at, state)


@dataclass
class User:
    """A salesperson."""

    team_id: UUID | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0

    def told(self, at: datetime, *, left: bool = False) -> Envelope:
        """The user as he or she is now."""
        self.version += 1
        state = gateway.UserState(
            id=self.id,
            role="salesperson",
            team_id=self.team_id,
            locale="en",
            active=not left,
            version=self.version,
            pii=gateway.UserPii(name="Ana Novak", email="ana@example.com"),
        )
        kind = gateway.USER_LEFT if left else gateway.USER_CREATED if self.version == 1 else gateway.USER_UPDATED
        return envelope(kind, "user", self.id, self.version, at, state)


@dataclass
class Team:
    """A team in an office."""

    office: str | None = None
    name: str = "North"
    id: UUID = field(default_factory=new_id)
    version: int = 0

    def told(self, at: datetime) -> Envelope:
        """The team as it is now."""
        self.version += 1
        state = gateway.TeamState(id=self.id, name=self.name, lead_id=None, office=self.office, version=self.version)
        return envelope(gateway.TEAM_CHANGED, "team", self.id, self.version, at, state)


@dataclass
class Product:
    """Something sold."""

    name: str = "Window"
    id: UUID = field(default_factory=new_id)
    version: int = 0

    def told(self, at: datetime) -> Envelope:
        """The product as it is now."""
        self.version += 1
        state = deals.ProductState(
            id=self.id, name=self.name, sku="W", price="1.00", currency="EUR", active=True, version=self.version
        )
        return envelope(deals.PRODUCT_CHANGED, "product", self.id, self.version, at, state)


@dataclass
class Account:
    """A company that buys."""

    name: str = "Okna"
    id: UUID = field(default_factory=new_id)
    version: int = 0

    def told(self, at: datetime) -> Envelope:
        """The company as it is now."""
        self.version += 1
        state = contacts.CompanyState(
            id=self.id,
            name=self.name,
            owner_id=None,
            created_at=at,
            updated_at=at,
            version=self.version,
            pii=contacts.CompanyPii(phones=[], emails=[]),
        )
        kind = contacts.COMPANY_CREATED if self.version == 1 else contacts.COMPANY_UPDATED
        return envelope(kind, "company", self.id, self.version, at, state)


@dataclass
class Deal:
    """A deal and its history."""

    pipeline: Pipeline
    owner_id: UUID
    amount: Decimal = Decimal("100.00")
    currency: str = "EUR"
    id: UUID = field(default_factory=new_id)
    version: int = 0
    now_in: deals.Stage | None = None
    entry_id: UUID = field(default_factory=new_id)
    entered_at: datetime | None = None
    company_id: UUID | None = None
    lines: list[tuple[UUID, str]] = field(default_factory=list)

    def created(self, at: datetime, stage: str = "New", *, told_at: datetime | None = None) -> Envelope:
        """The deal's first event; `told_at` as for `moved`."""
        self._enter(stage, at)
        return self._event(deals.DEAL_CREATED, told_at or at)

    def moved(self, stage: str, at: datetime, *, told_at: datetime | None = None) -> Envelope:
        """The deal enters another stage; with `told_at` the event itself says it happened only then."""
        before = self.now_in
        assert before is not None
        self._enter(stage, at)
        assert self.now_in is not None
        return self._event(deals.DEAL_STAGE_CHANGED, told_at or at, from_stage_id=before.id, to_stage_id=self.now_in.id)

    def taken_back(self, to: str) -> Envelope:
        """The last move was a slip: the deal is in the stage it was in, since the moment it had left."""
        assert self.now_in is not None and self.entered_at is not None
        left, slip = self.now_in, self.entry_id
        self._enter(to, self.entered_at)
        more = {"from_stage_id": left.id, "to_stage_id": self.now_in.id, "corrects_entry_id": slip}
        return self._event(deals.DEAL_STAGE_CHANGED, self.entered_at, **more)

    def worth(self, amount: str, at: datetime) -> Envelope:
        """The deal's amount changes."""
        self.amount = Decimal(amount)
        return self._event(deals.DEAL_UPDATED, at)

    def updated(self, at: datetime) -> Envelope:
        """The deal as it is now."""
        return self._event(deals.DEAL_UPDATED, at)

    def removed(self, at: datetime) -> Envelope:
        """The deal is no more."""
        self.version += 1
        state = Removed(id=self.id, owner_id=self.owner_id, version=self.version)
        return envelope(deals.DEAL_REMOVED, "deal", self.id, self.version, at, state)

    def _enter(self, stage: str, at: datetime) -> None:
        self.now_in = self.pipeline.stage(stage)
        self.entry_id = new_id()
        self.entered_at = at

    def _event(self, type_: str, at: datetime, **more: Any) -> Envelope:
        assert self.now_in is not None
        assert self.entered_at is not None
        self.version += 1
        model = deals.DealStageChanged if more else deals.DealState
        state = model(
            id=self.id,
            person_id=None,
            company_id=self.company_id,
            pipeline_id=self.pipeline.id,
            stage_id=self.now_in.id,
            stage_entry_id=self.entry_id,
            stage_entered_at=self.entered_at,
            outcome=None if self.now_in.kind == "open" else self.now_in.kind,
            loss_reason=None,
            amount=str(self.amount),
            currency=self.currency,
            owner_id=self.owner_id,
            lines=[
                deals.DealLine(
                    id=new_id(), product_id=product_id, quantity="1", price=total, discount_percent="0", total=total
                )
                for product_id, total in self.lines
            ],
            origin_type="manual",
            origin_id=None,
            created_at=at,
            closed_at=None,
            expected_close_on=None,
            correlation_id=new_id(),
            version=self.version,
            pii=deals.DealPii(title="Windows for Janez"),
            **more,
        )
        return envelope(type_, "deal", self.id, self.version, at, state)


@dataclass
class Call:
    """A call and its states."""

    fallback_user_id: UUID
    started_at: datetime
    direction: telephony.Direction = "in"
    id: UUID = field(default_factory=new_id)
    version: int = 0

    def rang(self) -> Envelope:
        """The call begins."""
        return self._event(telephony.CALL_RANG, self.started_at, phase="ringing")

    def answered(self, user_id: UUID, wait_s: int) -> Envelope:
        """Somebody takes it."""
        at = self.started_at + timedelta(seconds=wait_s)
        return self._event(telephony.CALL_ANSWERED, at, phase="talking", answered_at=at, answered_by=user_id)

    def ended(self, user_id: UUID, wait_s: int, talk_s: int) -> Envelope:
        """A talk ends."""
        answered_at = self.started_at + timedelta(seconds=wait_s)
        at = answered_at + timedelta(seconds=talk_s)
        return self._event(
            telephony.CALL_ENDED,
            at,
            phase="ended",
            result="answered",
            answered_at=answered_at,
            answered_by=user_id,
            ended_at=at,
            talk_s=talk_s,
        )

    def missed(self, result: telephony.Result = "missed", ring_s: int = 20) -> Envelope:
        """Nobody took it."""
        at = self.started_at + timedelta(seconds=ring_s)
        kind = telephony.CALL_MISSED if result in telephony.MISSED_RESULTS else telephony.CALL_ENDED
        return self._event(kind, at, phase="ended", result=result, ended_at=at, ring_s=ring_s)

    def _event(self, type_: str, at: datetime, **more: Any) -> Envelope:
        self.version += 1
        values: dict[str, Any] = {
            "result": None,
            "answered_at": None,
            "ended_at": None,
            "ring_s": 0,
            "talk_s": 0,
            "answered_by": None,
        } | more
        state = telephony.CallState(
            id=self.id,
            connection_id=new_id(),
            vendor_call_id="v1",
            direction=self.direction,
            line="+38611111111",
            hidden=False,
            started_at=self.started_at,
            hold_s=0,
            queue_s=0,
            ringing_user_ids=[self.fallback_user_id],
            responsible_user_id=None,
            line_team_id=None,
            fallback_user_id=self.fallback_user_id,
            origin="pbx",
            command_id=None,
            person_hint_id=None,
            correlation_id=new_id(),
            version=self.version,
            pii=telephony.CallPii(phone="+38640123456", phone_raw="040123456"),
            **values,
        )
        return envelope(type_, "call", self.id, self.version, at, state)


async def projected(reports: Harness, *events: Envelope) -> datetime:
    """The events are archived and in the figures; answers when the last of them was archived."""

    async def done() -> Any:
        found = await reports.rows(
            "SELECT max(archived_at) AS last FROM event_archive WHERE id = ANY(:ids) HAVING count(*) = :count "
            "AND max(position) <= (SELECT position FROM projection_generation WHERE state = 'live')",
            ids=[event.id for event in events],
            count=len({event.id for event in events}),
        )
        return found[0]["last"] if found else None

    await reports.deliver(*events)
    last: datetime = await eventually(done)
    return last


async def dump(reports: Harness) -> bytes:
    """The live projections, every column but the generation, in one canonical order."""
    tables = await reports.rows(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'generation' "
        "AND table_name <> 'projection_generation' ORDER BY 1"
    )
    lines = []
    for table in (row["table_name"] for row in tables):
        rows = await reports.rows(
            f"SELECT to_jsonb(t) - 'generation' AS row FROM {table} t WHERE generation = "  # noqa: S608
            "(SELECT generation FROM projection_generation WHERE state = 'live') ORDER BY event_id"
        )
        lines += [orjson.dumps([table, row["row"]], option=orjson.OPT_SORT_KEYS) for row in rows]
    return b"\n".join(lines)
