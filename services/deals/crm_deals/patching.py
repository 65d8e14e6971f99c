"""JSON merge patch (RFC 7396) as the bodies of this service's PATCH routes take it."""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, model_validator


class MergePatch(BaseModel):
    """A field left out stays as it is; null clears it, where `clearable` says it may be empty."""

    model_config = ConfigDict(extra="forbid")

    clearable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _only_some_may_be_null(self) -> Self:
        for name in self.model_fields_set - self.clearable:
            if getattr(self, name) is None:
                raise ValueError(f"{name} can not be null")
        return self

    def given(self) -> dict[str, Any]:
        """The fields the client sent, with their values."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
