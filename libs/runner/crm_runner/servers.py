"""The two servers an installation stands on: private ones, or those named in the environment."""

from collections.abc import Callable, Mapping
from pathlib import Path

from crm_runner.ports import Ports
from crm_runner.postgres import Postgres
from crm_runner.rabbitmq import NodePorts, RabbitMQ
from crm_runner.supervisor import Keeper

DATABASE_SETTING = "CRM_DATABASE_URL"
AMQP_SETTING = "CRM_AMQP_URL"


class Servers:
    """Addresses of PostgreSQL and RabbitMQ, and the keepers of those that are ours to start."""

    def __init__(
        self,
        directory: Path,
        ports: Ports,
        given: Mapping[str, str],
        *,
        durable: bool,
        say: Callable[[str, str], None],
    ) -> None:
        """A server named in the environment is used as it is and never started or stopped here."""

        def tell(line: str) -> None:
            say(line, "info")

        self.postgres: Keeper | None = None
        self.rabbitmq: Keeper | None = None
        self.database_url = given.get(DATABASE_SETTING, "")
        self.amqp_url = given.get(AMQP_SETTING, "")
        if not self.database_url:
            log = directory / "log" / "postgres.log"
            postgres = Postgres(directory / "postgres", ports.take("postgres"), log=log, durable=durable, say=tell)
            self.database_url = postgres.url
            self.postgres = Keeper(postgres, say)
        if not self.amqp_url:
            node = NodePorts(ports.take("amqp"), ports.take("amqp_distribution"), ports.take("epmd"))
            rabbitmq = RabbitMQ(directory / "rabbitmq", node, durable=durable, say=tell)
            self.amqp_url = rabbitmq.url
            self.rabbitmq = Keeper(rabbitmq, say)

    def keepers(self) -> list[Keeper]:
        """Those that are ours."""
        return [keeper for keeper in (self.postgres, self.rabbitmq) if keeper is not None]
