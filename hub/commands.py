"""Commands to a device, outside the stream of records, and its replies."""

from __future__ import annotations

from edge.contract.control import Command, CommandReply, decode, encode
from edge.contract.topics import Channel, check_device_name
from hub.config import BrokerTable
from hub.exchange import Said, exchange


def ask(broker: BrokerTable, device: str, command: Command, wait_s: float) -> CommandReply | None:
    """Send a command and wait for the reply; None when none came in time. A device that is away never sees it.

    Raises:
        ContractError: the device's name is none.
        HubError: the broker does not answer, does not let us in or does not take it.
    """
    check_device_name(device)

    def reply_to_it(payload: bytes) -> CommandReply | None:
        reply = decode(CommandReply, payload)
        return reply if reply.id == command.id else None

    said = Said(Channel.CMD, encode(command), retain=False)
    return exchange(broker, device, said, Channel.CMD_REPLY, reply_to_it, wait_s)
