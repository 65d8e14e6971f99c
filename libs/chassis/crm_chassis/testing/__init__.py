"""Running one service in a test, on real PostgreSQL and RabbitMQ, in this process."""

from crm_chassis.testing.harness import Harness, eventually, running
from crm_chassis.testing.principals import admin, nobody, sales_head, salesperson, team_lead

__all__ = ["Harness", "admin", "eventually", "nobody", "running", "sales_head", "salesperson", "team_lead"]
