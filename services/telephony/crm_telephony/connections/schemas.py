"""Connections as the API takes and shows them. Secrets go in and never come out."""

from typing import Annotated, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_chassis.patches import without_null
from crm_chassis.text import Line as Text
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    HttpUrl,
    IPvAnyNetwork,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from crm_telephony.arrivals.schemas import Arrivals
from crm_telephony.numbers.rules import is_region

SECRET_FIELDS = ("api_key", "salt", "hook_secret", "hook_api_key")
_CLEARABLE = frozenset(("api_url", *SECRET_FIELDS))


def _region(value: str) -> str:
    if not is_region(value):
        raise PydanticCustomError("unknown_region", "no region of telephone numbers")
    return value


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError("unknown_zone", "no time zone") from error


Region = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$"), AfterValidator(_region)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Secret = Annotated[str, StringConstraints(min_length=8, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Number = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x20-\x7e]+$")]
VendorName = Literal["generic", "mango"]


class LineBody(BaseModel):
    """A number of the company: whose team it is, and to whom its calls fall when no known phone rings."""

    model_config = ConfigDict(extra="forbid")

    number: Number
    team_id: UUID | None = None
    fallback_user_id: UUID | None = None


class _Secrets(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    api_key: Secret | None = Field(default=None, description="Mango: the PBX's unique code (vpbx_api_key)")
    salt: Secret | None = Field(default=None, description="Mango: the key signatures are made with")
    hook_secret: Secret | None = Field(default=None, description="Generic: secret of X-Signature")
    hook_api_key: Secret | None = Field(default=None, description="Generic: X-Api-Key from trusted networks")


class NewConnection(_Secrets):
    """A connection to create. `default_region` and `zone` default to the company's."""

    name: Text
    vendor: VendorName
    fallback_user_id: UUID
    lines: Annotated[list[LineBody], Field(max_length=200)] = []
    default_region: Region | None = None
    zone: Zone | None = None
    api_url: HttpUrl | None = Field(default=None, description="Base of the PBX's commands, as https://host/vpbx")
    trusted_networks: Annotated[list[IPvAnyNetwork], Field(max_length=50)] = []
    active: bool = True


class ConnectionPatch(_Secrets):
    """A JSON merge patch: what is absent stays, null clears `api_url` and secrets."""

    name: Text | None = None
    fallback_user_id: UUID | None = None
    lines: Annotated[list[LineBody], Field(max_length=200)] | None = None
    default_region: Region | None = None
    zone: Zone | None = None
    api_url: HttpUrl | None = None
    trusted_networks: Annotated[list[IPvAnyNetwork], Field(max_length=50)] | None = None
    active: bool | None = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return without_null(handler.resolve_ref_schema(handler(core)), _CLEARABLE)

    @model_validator(mode="after")
    def _keeps_what_must_be(self) -> Self:
        for name in self.model_fields_set - _CLEARABLE:
            if getattr(self, name) is None:
                raise PydanticCustomError("null_not_allowed", "{field} can not be cleared", {"field": name})
        return self


class LineAnswer(BaseModel):
    """A number of the company."""

    number: str
    team_id: UUID | None
    fallback_user_id: UUID | None


class Connection(BaseModel):
    """A connection as shown; `secrets_set` names the secrets it holds."""

    id: UUID
    name: str
    vendor: VendorName
    fallback_user_id: UUID
    lines: list[LineAnswer]
    default_region: str
    zone: str
    api_url: str | None
    trusted_networks: list[str]
    active: bool
    secrets_set: list[str]
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class WatchedConnection(Connection):
    """A connection with what has come of its PBX. `arrivals` bumps no version."""

    arrivals: Arrivals


class ConnectionWithToken(Connection):
    """Shown once: `hook_path` holds the secret path token; only its SHA-256 is kept."""

    hook_path: str | None
