"""The AsyncAPI 3 document of everything said on the bus, made from the catalogue and the graph. Pure.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from typing import Any

from crm_contracts.catalogue import COMMANDS, EVENTS
from crm_contracts.envelope import CONTENT_TYPE, Envelope
from crm_contracts.graph import READERS
from pydantic import BaseModel

Document = dict[str, Any]

EXCHANGE = "crm.events"
_REF = "#/components/schemas/{model}"


def document() -> Document:
    """Channels are event types and command queues; operations are who sends and who reads them."""
    schemas: Document = {}
    messages: Document = {}
    channels: Document = {}
    operations: Document = {}
    envelope = _add_schema(schemas, Envelope)
    for name, event in EVENTS.items():
        data = _add_schema(schemas, event.model)
        messages[name] = _message(name, event.kind, (event.model.__doc__ or "").strip(), envelope, data)
        channels[name] = _channel(name, exchange=EXCHANGE)
        operations[f"{event.producer} sends {name}"] = _operation("send", name, event.producer)
    for queue, model in COMMANDS.items():
        data = _add_schema(schemas, model)
        messages[queue] = _message(queue, "command", (model.__doc__ or "").strip(), envelope, data)
        channels[queue] = _channel(queue, exchange="")
    for reader in READERS:
        for name in (*(reader.reads or (reader.queue,)), *reader.replays):
            operations[f"{reader.queue} reads {name}"] = _operation("receive", name, reader.service) | {
                "summary": f"as {reader.kind}" + (f", causes {', '.join(reader.emits)}" if reader.emits else "")
            }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Voronka on the bus",
            "version": "1",
            "description": "CloudEvents 1.0 in JSON structured mode on RabbitMQ; routing key = type.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _add_schema(schemas: Document, model: type[BaseModel]) -> str:
    if model.__name__ not in schemas:
        schema = model.model_json_schema(ref_template=_REF)
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    return model.__name__


def _message(name: str, kind: str, summary: str, envelope: str, data: str) -> Document:
    return {
        "name": name,
        "title": name,
        "summary": summary,
        "tags": [{"name": kind}],
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": f"#/components/schemas/{envelope}"},
                {
                    "type": "object",
                    "properties": {"type": {"const": name}, "data": {"$ref": f"#/components/schemas/{data}"}},
                },
            ]
        },
    }


def _channel(name: str, *, exchange: str) -> Document:
    binding: Document = {"is": "routingKey", "exchange": {"name": exchange, "type": "topic", "durable": True}}
    if not exchange:
        binding = {"is": "queue", "queue": {"name": name, "durable": True}}
    return {
        "address": name,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"amqp": binding},
    }


def _operation(action: str, channel: str, service: str) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "tags": [{"name": service}],
    }
