"""What routes of this service ask of the request beyond the chassis: its settings."""

from typing import Annotated

from crm_chassis.http import runtime_of
from fastapi import Depends, Request

from crm_deals.settings import DealsSettings


def _settings(request: Request) -> DealsSettings:
    settings = runtime_of(request).settings
    assert isinstance(settings, DealsSettings)
    return settings


Settings = Annotated[DealsSettings, Depends(_settings)]
