"""The phone's position, on a page that came by HTTPS: used where it is allowed, said where it is refused, sent nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, Geolocation, Page, Request, Route, expect

from hub.display.phone import PATH
from tests.hub.station import Station

SECURE = "https://city.example"
NEAR_THE_BRANCH = Geolocation(latitude=35.5624, longitude=139.7216)

Phone = Callable[[bool], AbstractContextManager[Page]]


@pytest.fixture
def phone(debians_chromium: Browser, living: Station, address: str) -> Phone:
    """The page as it comes by HTTPS from a proxy before the hub, on a phone that may be asked where it is, or may not."""

    def proxied(route: Route) -> None:
        if route.request.resource_type == "eventsource":
            route.abort()
            return
        answer = httpx.get(route.request.url.replace(SECURE, address))
        route.fulfill(status=answer.status_code, content_type=answer.headers["content-type"], body=answer.content)

    @contextmanager
    def opened(allowed: bool) -> Iterator[Page]:
        permissions = ["geolocation"] if allowed else []
        with debians_chromium.new_context(geolocation=NEAR_THE_BRANCH, permissions=permissions) as context:
            page = context.new_page()
            page.route(f"{SECURE}/**", proxied)
            page.goto(f"{SECURE}{PATH}?lang=ja")
            yield page

    return opened


def test_a_position_that_is_allowed_finds_the_nearest_and_is_sent_nowhere(phone: Phone) -> None:
    asked: list[Request] = []
    with phone(True) as page:
        page.evaluate("for (const one of services.values()) Object.assign(one, {level: 'good', t: serverNow() * 1000})")
        page.on("request", lambda request: asked.append(request))
        page.click("#here")

        expect(page.locator("#found")).to_contain_text("蒲田東特別出張所")
        expect(page.locator("#found")).to_contain_text("約0.1km")
        expect(page.locator("#refused")).to_be_empty()

    assert not any("35.56" in one.url or "35.56" in (one.post_data or "") for one in asked)


def test_a_position_that_is_refused_is_said_until_a_place_is_chosen(phone: Phone) -> None:
    with phone(False) as page:
        page.click("#here")
        expect(page.locator("#refused")).to_have_text("現在地がわかりません。上の欄で場所を選んでください")

        page.select_option("#place", label="池上")

        expect(page.locator("#refused")).to_be_empty()
