"""JSON merge patch (RFC 7396) as the bodies of this service's PATCH routes take it."""

from typing import Any, ClassVar, Self

from crm_chassis.patches import without_null
from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError


class MergePatch(BaseModel):
    """A field left out stays as it is; null clears it, where `clearable` says it may be empty."""

    model_config = ConfigDict(extra="forbid")

    clearable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _only_some_may_be_null(self) -> Self:
        for name in self.model_fields_set - self.clearable:
            if getattr(self, name) is None:
                raise PydanticCustomError("null_not_allowed", "{field} can not be null", {"field": name})
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return without_null(handler.resolve_ref_schema(handler(core)), cls.clearable)

    def given(self) -> dict[str, Any]:
        """The fields the client sent, with their values."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
