"""The AsyncAPI 3.0 document of the MQTT side, from the topics and the message types."""

from __future__ import annotations

import functools
import operator
from typing import Any

import msgspec

from edge.contract import control
from edge.contract.batch import VERSION, Header
from edge.contract.blob import ChunkHeader
from edge.contract.limits import BATCH_BYTES, BATCH_RECORDS, BLOB_CHUNK_BYTES, CONTROL_BYTES, RECORD_BYTES
from edge.contract.records import ALL
from edge.contract.topics import DEVICE_PATTERN, PUBLISHED, READ, ROOT, Channel

_CONTROL: dict[Channel, tuple[type[control.Message], str]] = {
    Channel.STATE: (control.State, "Retained. Published at birth and at a clean stop; the last will says offline."),
    Channel.CONFIG_REPORTED: (control.ReportedConfig, "What became of the desired configuration."),
    Channel.CMD_REPLY: (control.CommandReply, "The answer to a command."),
    Channel.ACK: (control.Ack, "Which numbers the hub has accounted for. Only this lets a device forget a record."),
    Channel.CONFIG: (control.DesiredConfig, "Retained. The configuration that the hub wants."),
    Channel.CMD: (control.Command, "A request outside the stream of records."),
}


def asyncapi() -> dict[str, Any]:
    """The document, ready to be written as JSON.

    The operations are told from the device's side: it sends what it publishes and receives what it reads.
    """
    schemas = _schemas()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "machikado",
            "version": str(VERSION),
            "description": "What a field device says to the hub over MQTT 3.1.1, and the hub to a device. "
            "QoS 1, end-to-end acks by record numbers; no correctness depends on what a broker keeps.",
        },
        "defaultContentType": "application/json",
        "channels": {_name(channel): _channel(channel) for channel in (*PUBLISHED, *READ)},
        "operations": {_name(channel): _operation(channel) for channel in (*PUBLISHED, *READ)},
        "components": {
            "parameters": _parameters(),
            "messages": {_name(channel): _message(channel) for channel in (*PUBLISHED, *READ)},
            "schemas": schemas,
        },
    }


def _schemas() -> dict[str, Any]:
    union: Any = functools.reduce(operator.or_, ALL)
    control_types = [message for message, _ in _CONTROL.values()]
    (record, *_), components = msgspec.json.schema_components(
        [union, Header, ChunkHeader, *control_types],
        schema_hook=_schema_of_anything,
        ref_template="#/components/schemas/{name}",
    )
    # OpenAPI's discriminator is none of AsyncAPI's; the kinds tell themselves apart by their constant ``kind``.
    return {"AnyRecord": {"anyOf": record["anyOf"]}, **dict(sorted(components.items()))}


def _schema_of_anything(kind: type) -> dict[str, Any]:
    """A family's own settings: an object whose keys the family's configuration type checks."""
    if kind is object:
        return {"description": "any JSON value that the family's configuration allows"}
    raise NotImplementedError(f"the contract has no {kind.__name__}")


def _parameters() -> dict[str, Any]:
    return {
        "shard": {"description": "First byte of the SHA-256 of the device's name, two hexadecimal digits (00–ff)."},
        "device": {"description": f"Name of the device: {DEVICE_PATTERN}"},
    }


def _channel(channel: Channel) -> dict[str, Any]:
    name = _name(channel)
    return {
        "address": f"{ROOT}/{{shard}}/{{device}}/{channel}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "parameters": {key: {"$ref": f"#/components/parameters/{key}"} for key in _parameters()},
    }


def _operation(channel: Channel) -> dict[str, Any]:
    name = _name(channel)
    return {
        "action": "send" if channel in PUBLISHED else "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        "bindings": {"mqtt": {"qos": 1, "retain": channel in (Channel.STATE, Channel.CONFIG)}},
    }


def _message(channel: Channel) -> dict[str, Any]:
    if channel is Channel.UP:
        return {
            "title": "Batch",
            "summary": "A run of consecutively numbered records: a header line, then one line of JSON a record.",
            "description": f"At most {BATCH_BYTES} bytes and {BATCH_RECORDS} records of at most {RECORD_BYTES} bytes. "
            "Where the header says that they are packed, one zlib stream (RFC 1950) stands in the place of the lines.",
            "contentType": "application/x-ndjson",
            "payload": {"type": "string", "maxLength": BATCH_BYTES},
            "x-first-line": {"$ref": "#/components/schemas/Header"},
            "x-other-lines": {"$ref": "#/components/schemas/AnyRecord"},
        }
    if channel is Channel.BLOB:
        return {
            "title": "Chunk",
            "summary": "A chunk of a blob: a header line of JSON, then the bytes.",
            "description": f"At most {BLOB_CHUNK_BYTES} bytes. The blob itself is announced by a record of kind 'blob'.",
            "contentType": "application/octet-stream",
            "payload": {"type": "string", "format": "binary", "maxLength": BLOB_CHUNK_BYTES},
            "x-first-line": {"$ref": "#/components/schemas/ChunkHeader"},
        }
    message, summary = _CONTROL[channel]
    return {
        "title": message.__name__,
        "summary": summary,
        "description": f"At most {CONTROL_BYTES} bytes.",
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
    }


def _name(channel: Channel) -> str:
    """The channel's name as an identifier: ``config/reported`` is ``config_reported``."""
    return channel.replace("/", "_")
