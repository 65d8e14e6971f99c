"""Every PBX vendor there is an adapter for, by the name a connection carries."""

from crm_telephony.vendors.generic import Generic
from crm_telephony.vendors.mango import Mango
from crm_telephony.vendors.port import Dialler, Vendor

_GENERIC, _MANGO = Generic(), Mango()
VENDORS: dict[str, Vendor] = {_GENERIC.name: _GENERIC, _MANGO.name: _MANGO}
DIALLERS: dict[str, Dialler] = {_MANGO.name: _MANGO}
