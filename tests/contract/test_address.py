"""A broker's address, or several, as configuration spells them."""

from __future__ import annotations

import pytest

from edge.contract.address import Address, addresses
from edge.contract.errors import ContractError


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("10.0.0.1", [("10.0.0.1", 1883)]),
        ("hub.example:8883", [("hub.example", 8883)]),
        (["a:1883", "b:1884", "c"], [("a", 1883), ("b", 1884), ("c", 1883)]),
        ("::1", [("::1", 1883)]),
        ("[::1]:1884", [("::1", 1884)]),
        ("[::1]", [("::1", 1883)]),
    ],
)
def test_a_host_may_name_its_port_and_there_may_be_several(
    host: str | list[str], wanted: list[tuple[str, int]]
) -> None:
    assert list(addresses(host, 1883)) == wanted


@pytest.mark.parametrize("host", ["", "a:", "a:0", "a:65536", ":1883", "a:b", [], ["a"] * 17])
def test_what_is_no_address_is_refused(host: str | list[str]) -> None:
    with pytest.raises(ContractError, match="host"):
        addresses(host, 1883)


def test_an_address_is_written_as_it_is_read() -> None:
    assert [str(Address("::1", 1)), str(Address("a", 2))] == ["[::1]:1", "a:2"]
