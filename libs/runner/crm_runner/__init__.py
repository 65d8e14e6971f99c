"""How the whole installation runs on one machine.

Owns the private PostgreSQL and RabbitMQ, the six processes, the `crm` command and the fixtures tests run on.
It starts services as programs and must never import one.
"""
