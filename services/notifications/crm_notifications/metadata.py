"""The one SQLAlchemy metadata of this service's tables."""

from crm_chassis.tables import new_metadata

metadata = new_metadata()
