from __future__ import annotations

import pytest

from edge.contract.records import Record
from edge.contract.records.kiosk import KioskSession, KioskState
from edge.kiosk.items import JobStarted, ProviderLink, ProviderStatus, SessionEnded
from edge.kiosk.pipeline import Config
from tests.edge.kiosk.test_state import WELL, play

UP = ProviderLink(up=True)
DOWN = ProviderLink(up=False)
STATUS = ProviderStatus(WELL, whole=True)
SERVICE = ProviderStatus({"vendorMode.service": "active"}, whole=False)
SERVICED = ProviderStatus({"vendorMode.service": "inactive"}, whole=False)


def ended(job: int | None, outcome: str = "issued") -> SessionEnded:
    return SessionEnded("residence", outcome, 60.0, 1, job)  # type: ignore[arg-type]


def last_state(records: list[Record]) -> tuple[str, list[str]]:
    state = [record for record in records if isinstance(record, KioskState)][-1]
    return state.state, list(state.reasons)


def outcomes(records: list[Record]) -> list[str]:
    return [record.outcome for record in records if isinstance(record, KioskSession)]


@pytest.mark.parametrize(
    ("items", "state", "reasons", "told"),
    [
        pytest.param([JobStarted(1), ended(1), JobStarted(2), ended(2)], "in_service", [], ["issued"] * 2, id="in turn"),
        pytest.param([ended(None), ended(None)], "in_service", [], ["issued"] * 2, id="an application without jobs"),
        pytest.param([JobStarted(1), JobStarted(2)], "out_of_service", ["job_mixup"], ["unknown"], id="two in flight"),
        pytest.param(
            [JobStarted(1), ended(2)], "out_of_service", ["job_mixup"], ["issued"], id="the end of another job"
        ),
        pytest.param(
            [JobStarted(1), ended(1), ended(1)], "out_of_service", ["job_mixup"], ["issued"] * 2, id="an end told twice"
        ),
        pytest.param([ended(7)], "in_service", [], ["issued"], id="begun before the agent looked"),
        pytest.param([ended(7), ended(8)], "out_of_service", ["job_mixup"], ["issued"] * 2, id="but only one"),
        pytest.param(
            [JobStarted(1), ended(1, "unknown")], "out_of_service", ["outcome_unknown"], ["unknown"], id="said unknown"
        ),
        pytest.param([JobStarted(1), DOWN, UP, STATUS], "out_of_service", ["outcome_unknown"], [], id="the link breaks"),
        pytest.param(
            [JobStarted(1), DOWN, UP, STATUS, ended(1)], "in_service", [], ["issued"], id="its end is told after all"
        ),
        pytest.param(
            [JobStarted(1), DOWN, UP, STATUS, JobStarted(2), ended(2)],
            "out_of_service", ["job_mixup"], ["unknown", "issued"], id="another begins while one is in doubt",
        ),
        pytest.param(
            [JobStarted(1), JobStarted(2), ended(2), STATUS], "out_of_service", ["job_mixup"], ["unknown", "issued"],
            id="nothing resumes by itself",
        ),
        pytest.param(
            [JobStarted(1), JobStarted(2), ended(2), SERVICE, SERVICED], "in_service", [], ["unknown", "issued"],
            id="a person looked",
        ),
        pytest.param(
            [JobStarted(1), DOWN, UP, STATUS, SERVICE, SERVICED], "in_service", [], ["unknown"],
            id="a person looked at a job in doubt",
        ),
    ],
)  # fmt: skip
def test_one_job_at_a_time_and_each_to_its_end(
    items: list[object], state: str, reasons: list[str], told: list[str]
) -> None:
    records = play((0, UP), (1, STATUS), *((2.0 + n, item) for n, item in enumerate(items)), until_s=25)

    assert last_state(records) == (state, reasons)
    assert outcomes(records) == told


def test_a_job_that_never_ends_ended_unknown() -> None:
    records = play((0, UP), (1, STATUS), (2, JobStarted(1)), until_s=35, config=Config(job_most_s=30.0))

    assert last_state(records) == ("out_of_service", ["outcome_unknown"])
    assert [(r.outcome, r.certificate, r.copies) for r in records if isinstance(r, KioskSession)] == [
        ("unknown", "none", 0)
    ]
