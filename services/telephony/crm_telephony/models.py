"""One metadata for every table of this service; the nouns' own models.py add to it."""

from crm_chassis.tables import new_metadata

metadata = new_metadata()
