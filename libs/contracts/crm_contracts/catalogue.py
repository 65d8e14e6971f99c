"""Every event and command there is: wire name, what it is, the shape of its data."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from crm_contracts import archive, contacts, deals, gateway, notifications, resync, telephony
from crm_contracts.base import ImportFinished, Removed


@dataclass(frozen=True, slots=True)
class EventType:
    """`state`: readers may keep only the newest; `fact`: each one counts for ever."""

    name: str
    kind: Literal["state", "fact"]
    model: type[BaseModel]

    @property
    def producer(self) -> str:
        """The service that sends it: the first part of the name."""
        return self.name.partition(".")[0]


def _events(kind: Literal["state", "fact"], model: type[BaseModel], *names: str) -> list[EventType]:
    return [EventType(name, kind, model) for name in names]


EVENTS: dict[str, EventType] = {
    event.name: event
    for event in [
        *_events("state", gateway.UserState, gateway.USER_CREATED, gateway.USER_UPDATED, gateway.USER_LEFT),
        *_events("state", gateway.TeamState, gateway.TEAM_CHANGED),
        *_events("state", gateway.RoleState, gateway.ROLE_CHANGED),
        *_events("state", Removed, gateway.USER_REMOVED, gateway.TEAM_REMOVED),
        *_events("state", Removed, contacts.PERSON_REMOVED, contacts.COMPANY_REMOVED, deals.PRODUCT_REMOVED),
        *_events("fact", Removed, deals.DEAL_REMOVED),
        *_events("fact", ImportFinished, gateway.IMPORT_FINISHED, contacts.IMPORT_FINISHED, deals.IMPORT_FINISHED),
        *_events("state", contacts.PersonState, contacts.PERSON_CREATED, contacts.PERSON_UPDATED),
        *_events("fact", contacts.PersonMerged, contacts.PERSON_MERGED),
        *_events("state", contacts.CompanyState, contacts.COMPANY_CREATED, contacts.COMPANY_UPDATED),
        *_events("fact", contacts.CallLinked, contacts.CALL_LINKED),
        *_events("state", contacts.NoteState, contacts.NOTE_CREATED, contacts.NOTE_UPDATED),
        *_events("state", contacts.NoteRemoved, contacts.NOTE_REMOVED),
        *_events("state", contacts.FileState, contacts.FILE_ADDED, contacts.FILE_CHANGED),
        *_events("state", contacts.FileRemoved, contacts.FILE_REMOVED),
        *_events("fact", deals.DealState, deals.DEAL_CREATED),
        *_events("state", deals.DealState, deals.DEAL_UPDATED),
        *_events("fact", deals.DealStageChanged, deals.DEAL_STAGE_CHANGED),
        *_events("fact", deals.TaskState, deals.TASK_CREATED, deals.TASK_COMPLETED, deals.TASK_REOPENED),
        *_events("fact", deals.TaskState, deals.TASK_REMINDER_REACHED, deals.TASK_BECAME_OVERDUE),
        *_events("state", deals.TaskState, deals.TASK_UPDATED),
        *_events("state", deals.PipelineState, deals.PIPELINE_CHANGED),
        *_events("state", deals.ProductState, deals.PRODUCT_CHANGED),
        *_events("fact", telephony.CallState, telephony.CALL_RANG, telephony.CALL_ANSWERED),
        *_events("fact", telephony.CallState, telephony.CALL_ENDED, telephony.CALL_MISSED),
        *_events("state", telephony.CallState, telephony.CALL_UPDATED),
        *_events("fact", telephony.RecordingState, telephony.RECORDING_STORED, telephony.RECORDING_FAILED),
        *_events("state", telephony.ConnectionState, telephony.CONNECTION_CHANGED),
        *_events("fact", notifications.MessageState, notifications.MESSAGE_QUEUED, notifications.MESSAGE_SENT),
        *_events("fact", notifications.MessageState, notifications.MESSAGE_DELIVERED),
        *_events("fact", notifications.MessageState, notifications.MESSAGE_FAILED),
        *_events("fact", notifications.MessageState, notifications.MESSAGE_BECAME_UNCERTAIN),
        *_events("fact", notifications.NoticeState, notifications.NOTICE_CREATED),
    ]
}

SERVICES: tuple[str, ...] = ("contacts", "deals", "telephony", "notifications", "reports", "gateway")

COMMANDS: dict[str, type[BaseModel]] = {
    notifications.SEND_MESSAGE: notifications.SendMessage,
    **{resync.resync_queue(owner): resync.Resync for owner in ("contacts", "deals", "telephony", "gateway")},
    archive.COMPARE: archive.CompareArchive,
    **{archive.resend_queue(producer): archive.Resend for producer in archive.PRODUCERS},
    archive.REPLAY: archive.Replay,
    archive.REBUILD_TIMELINE: archive.RebuildTimeline,
    archive.TIMELINE_REPLAY: archive.ReplayedTo,
}
