"""Settings that could send twice or not at all are refused at the start."""

import pytest
from crm_notifications.main import channels_of, wiring
from crm_notifications.settings import NotificationsSettings
from pydantic import ValidationError


def test_a_lease_shorter_than_an_attempt_is_refused() -> None:
    with pytest.raises(ValidationError, match="CRM_SEND_LEASE_S"):
        NotificationsSettings.load(send_lease_s=60, send_timeout_s=30)


def test_a_channel_without_an_address_is_not_set_up() -> None:
    channels = channels_of(NotificationsSettings.load(smtp_url=None, sms_url=None))
    assert (channels.email, channels.sms) == (None, None)


def test_named_channels_are_set_up_and_nothing_connects() -> None:
    settings = NotificationsSettings.load(smtp_url="smtp://127.0.0.1:1", sms_url="http://127.0.0.1:1", senders=3)
    channels = channels_of(settings)
    assert channels.email is not None
    assert channels.sms is not None
    assert len(wiring(settings).workers) == 3
    wiring(settings).check()
