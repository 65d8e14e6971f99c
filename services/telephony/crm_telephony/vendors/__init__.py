"""Every PBX vendor there is an adapter for, by the name a connection carries."""

from crm_telephony.vendors.generic import Generic
from crm_telephony.vendors.mango import Mango
from crm_telephony.vendors.port import Vendor

VENDORS: dict[str, Vendor] = {vendor.name: vendor for vendor in (Generic(), Mango())}
