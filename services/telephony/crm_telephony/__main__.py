"""`python -m crm_telephony serve | migrate | openapi`."""

from crm_chassis.entry import run

from crm_telephony.main import wiring
from crm_telephony.settings import TelephonySettings

run(wiring, TelephonySettings)
