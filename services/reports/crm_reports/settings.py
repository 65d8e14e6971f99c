"""Settings of reports: the company's zone comes with every service."""

from typing import ClassVar

from crm_chassis.settings import ServiceSettings


class ReportsSettings(ServiceSettings):
    """Database crm_reports on CRM_DATABASE_URL, or CRM_REPORTS_DATABASE_URL."""

    service: ClassVar[str] = "reports"
