"""Control messages come back as they went; what is wrong is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract import control, limits
from edge.contract.errors import ContractError
from tests.contract.strategies import CODES, HEX_16

NUMBERS = st.integers(0, limits.NUMBER_MAX)
ACKS = st.builds(
    control.Ack,
    generation=NUMBERS,
    epoch=HEX_16,
    through=NUMBERS,
    ranges=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=limits.ACK_RANGES),
    last=NUMBERS,
    digest=st.none() | HEX_16,
    fill=st.booleans(),
    conflict=st.booleans(),
    unreadable=st.none() | HEX_16,
)
STATES = st.builds(
    control.State,
    status=st.sampled_from(["online", "offline"]),
    why=st.sampled_from(["connected", "stopped", "lost"]),
    family=st.none() | st.sampled_from(["bridge", "truck", "gate", "kiosk", "counter"]),
    epoch=st.none() | HEX_16,
    models=st.dictionaries(CODES, CODES, max_size=4),
)


@given(ACKS | STATES)
def test_a_control_message_comes_back_as_it_went(message: control.Message) -> None:
    assert control.decode(type(message), control.encode(message)) == message


@pytest.mark.parametrize(
    ("kind", "payload", "words"),
    [
        (control.Ack, b"", "Ack"),
        (control.Ack, b"[]", "Ack"),
        (control.Ack, b'{"v":2,"generation":1,"epoch":"0123456789abcdef"}', "version 2"),
        (control.Ack, b'{"generation":-1,"epoch":"0123456789abcdef"}', "Ack"),
        (control.Ack, b'{"generation":1,"epoch":"0123456789abcdef\\n"}', "Ack"),
        (control.Ack, b'{"generation":1,"epoch":"0123456789abcdef","ranges":[[1]]}', "Ack"),
        (control.State, b'{"status":"asleep"}', "State"),
        (control.State, b'{"status":"online","models":{"A B":"1"}}', "State"),
        (control.Command, b'{"id":"0123456789abcdef","name":"reboot"}', "Command"),
        (control.State, b'{"status":"online"}' + b" " * limits.CONTROL_BYTES, "at most"),
        (control.State, b"[" * 50_000, "State"),
    ],
)
def test_a_bad_control_message_is_refused_in_words(kind: type[control.Message], payload: bytes, words: str) -> None:
    with pytest.raises(ContractError, match=words):
        control.decode(kind, payload)
