"""TOML text reads back as the values it was made from."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import ProvisioningError
from provisioning.toml_text import toml_text

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_plain = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | _texts
_values = st.recursive(_plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4))


@given(st.dictionaries(_texts, _values, max_size=5))
def test_any_table_comes_back_as_it_was(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(table)) == table


def test_a_device_reads_as_a_person_would_write_it() -> None:
    table = {"device": {"name": "gate-01"}, "source": [{"kind": "beam", "lane": "l1"}, {"kind": "tag", "lane": "l1"}]}

    text = toml_text(table, "A gate.")

    assert text == (
        '# A gate.\n\n[device]\nname = "gate-01"\n\n[[source]]\nkind = "beam"\nlane = "l1"\n\n'
        '[[source]]\nkind = "tag"\nlane = "l1"\n'
    )


def test_a_value_that_toml_has_not_is_refused() -> None:
    with pytest.raises(ProvisioningError, match="TOML has no bytes"):
        toml_text({"secret": b"x"})
