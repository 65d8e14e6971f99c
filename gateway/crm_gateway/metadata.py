"""The one metadata of the gateway's tables."""

from crm_chassis.tables import new_metadata

metadata = new_metadata()
