"""The metadata all tables of this service belong to."""

from crm_chassis.tables import new_metadata

metadata = new_metadata()
