"""A kiosk's devices that let slip everything about people: a service provider, a printer and a power supply's daemon.

Each speaks its true protocol on loopback and puts planted data wherever a text may stand in it, where the protocol has a
place for it and where it has none: in words, in names of members, in numbers' places, in errors, in what closes a connection.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import random
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from benchmarks.planted_people import Datum, Person, person
from edge.kiosk.cabinets import KNOWN

Take = Callable[[], Person]


class Crowd:
    """People one after another, all remembered, at most ``most``; then they come again. Each asked for is one event."""

    def __init__(self, seed: int, most: int) -> None:
        self._random = random.Random(seed)
        self._most = most
        self.events = 0
        self._lock = threading.Lock()
        self.people: list[Person] = []

    def next(self) -> Person:
        """One more person."""
        with self._lock:
            self.events += 1
            if len(self.people) < self._most:
                self.people.append(person(self._random))
            return self.people[(self.events - 1) % self._most]

    def data(self) -> Iterator[Datum]:
        """Everything that was planted."""
        return (datum for one in self.people for datum in one.all())


def message(who: Person, number: int) -> str | bytes:
    """One XFS4IoT message that says too much, in one of many ways."""
    data, makers = who.data, (
        _status, _words_are_data, _session, _job, _event_of_a_card, _scan, _log, _supply, _takings, _broken, _print, _robot,
    )  # fmt: skip
    made = makers[number % len(makers)](data, number)
    return made if isinstance(made, str | bytes) else json.dumps(made, ensure_ascii=number % 2 == 0)


def _envelope(kind: str, name: str, payload: object, **header: object) -> dict[str, object]:
    return {"header": {"type": kind, "name": name, "version": "2.0", **header}, "payload": payload}


def _nested(words: dict[str, object]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for path, word in words.items():
        *branches, leaf = path.split(".")
        node = root
        for branch in branches:
            node = node.setdefault(branch, {})
        node[leaf] = word
    return root


def _well(number: int) -> dict[str, object]:
    return {path: sorted(words)[number % len(words)] for path, words in KNOWN.items() if not path.startswith("agent.")}


def _status(data: dict[str, str], number: int) -> dict[str, object]:
    payload = _nested(_well(number))
    payload |= {"holder": data, data["kanji"]: data["kana"], "completionCode": "success"}
    payload["printer"] |= {"lastDocument": data["spool_file"], data["kana"]: "low", "paper": {data["my_number"]: "low"}}
    payload["cardReader"] |= {"track2": data["card_serial"], "pin": data["pin"], "chip": [data["certificate_serial"]]}
    return _envelope("completion", "Common.Status", payload, requestId=number, completionCode="success")


def _words_are_data(data: dict[str, str], number: int) -> dict[str, object]:
    values = list(data.values())
    words: dict[str, object] = {path: values[(number + n) % len(values)] for n, path in enumerate(_well(0))}
    return _envelope("unsolicited", "Common.StatusChangedEvent", _nested(words))


def _session(data: dict[str, str], number: int) -> dict[str, object]:
    values = list(data.values())
    payload: dict[str, object] = {
        "certificate": "residence", "outcome": "issued", "durationMs": 61_000, "copies": 1, "jobId": data["my_number"],
        "applicant": data, "receipt": data["receipt"],
    }  # fmt: skip
    slipped = number // 12 % 4
    if slipped:
        payload[("certificate", "outcome", "jobId")[slipped - 1]] = values[number % len(values)]
    return _envelope("unsolicited", "Kiosk.SessionEndedEvent", payload)


def _job(data: dict[str, str], number: int) -> dict[str, object]:
    names: list[object] = [data["my_number"], int(data["my_number"]), data["spool_file"], data["kanji"], data["pin4"]]
    return _envelope("unsolicited", "Kiosk.JobStartedEvent", {"jobId": names[number % 5], "for": data["latin"]})


def _event_of_a_card(data: dict[str, str], number: int) -> dict[str, object]:
    payload = {
        "to": data["card_serial"],
        "from": data["kanji"],
        "chip": data["certificate_serial"],
        "pin": data["pin4"],
    }
    return _envelope("unsolicited", "CardReader.CardActionEvent", payload, requestId=number)


def _scan(data: dict[str, str], number: int) -> dict[str, object]:
    payload = {"image": data["picture"], "text": data["ocr"], "birth": data["birth8"], "sex": data["sex"]}
    return _envelope("event", "Camera.TakePictureEvent" if number % 2 else data["address"][:20], payload)


def _log(data: dict[str, str], number: int) -> dict[str, object]:
    return _envelope("unsolicited", "Vendor.LogEvent", {"text": data["vendor_log"], "level": data["latin"]})


def _supply(data: dict[str, str], number: int) -> dict[str, object]:
    supplies = {"upper": {"left": number % 500, "capacity": 500, "note": data["kana"]}, data["kanji"]: {"left": 1}}
    return _envelope("unsolicited", "Kiosk.SupplyEvent", {"supplies": supplies})


def _takings(data: dict[str, str], number: int) -> dict[str, object]:
    takings = {"emoney": {"payments": 1, "amountYen": 300, "card": data["card_serial"]}, data["latin"]: {"payments": 1}}
    return _envelope("unsolicited", "Kiosk.TakingsEvent", {"takings": takings, "payer": data["kanji"]})


def _broken(data: dict[str, str], number: int) -> str | bytes:
    text = json.dumps(data, ensure_ascii=False)
    broken: tuple[str | bytes, ...] = (
        text, text[:-9], data["vendor_log"], f'{{"header": {{"type": {text}}}}}', f'{{"header": "{data["kanji"]}"}}',
        f'{{"header": {{"type": "unsolicited", "name": "Kiosk.SessionEndedEvent"}}, "payload": {{"copies": "{data["kana"]}"}}}}',
        f'{{"header": {{"type": "acknowledge", "name": "{data["kanji"]}", "status": "{data["my_number"]}"}}}}',
        data["receipt"].encode("cp932", "ignore"),
    )  # fmt: skip
    return broken[number // 12 % len(broken)]


def _print(data: dict[str, str], number: int) -> dict[str, object]:
    name = ("Printer.MediaAutoRetractedEvent", "Printer.MediaTakenEvent", "Printer.MediaInsertedEvent")[number % 3]
    return _envelope("unsolicited", name, {"form": data["spool_file"], "fields": data, "retractResult": data["kanji"]})


def _robot(data: dict[str, str], number: int) -> dict[str, object]:
    payload = _nested({"robot.pose": "known", "robot.battery": data["kana"], "terminal.link": data["my_number"]})
    payload["kiosk"] = {
        "battery": {"chargePercent": 63, "asked": data["ocr"]},
        "supplies": {data["latin"]: {"left": 3}},
    }
    return _envelope("unsolicited", "Common.StatusChangedEvent", payload)


@contextlib.contextmanager
def provider(crowd: Crowd, events: int, done: threading.Event) -> Iterator[str]:
    """A service provider that says ``events`` messages to who connects, and sets ``done``; its address."""
    sent = 0

    def talk(client: ServerConnection) -> None:
        nonlocal sent
        with contextlib.suppress(ConnectionClosed):
            while sent < events:
                sent += 1
                client.send(message(crowd.next(), sent))
                if sent in (events // 4, events // 2):
                    client.close(1008, crowd.next().data["kanji"])
                    return
            done.set()
            for _ in client:
                client.send(message(crowd.next(), 0))

    server = serve(talk, "127.0.0.1", 0, compression=None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        thread.join(2.0)


@contextlib.contextmanager
def printer(crowd: Crowd, events: int, done: threading.Event) -> Iterator[str]:
    """A printer whose every text is somebody's; sets ``done`` after ``events`` answers; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        asked = 0

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            Handler.asked += 1
            if Handler.asked == events:
                done.set()
            data, turn = crowd.next().data, Handler.asked % 8
            if turn == 7:
                self.wfile.write(f"{data['vendor_log']}\r\n\r\n".encode())
                return
            body = _ipp(data, turn) if turn else _ipp(data, turn)[:-40]
            self.send_response(200 if turn != 6 else 500, data["latin"])
            self.send_header("Content-Type", "application/ipp")
            self.send_header("X-Job", data["my_number"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ipp://127.0.0.1:{server.server_address[1]}/ipp/print"
    finally:
        server.shutdown()
        server.server_close()


def _ipp(data: dict[str, str], turn: int) -> bytes:
    """An answer to Get-Printer-Attributes with the data in every text, name, keyword and octet string."""
    parts = [struct.pack(">HHIB", 0x0200, 0x0000, 1, 0x04)]
    values = list(data.values())
    attributes: list[tuple[int, str, list[bytes]]] = [
        (0x23, "printer-state", [struct.pack(">i", 3 + turn % 3)]),
        (0x44, "printer-state-reasons", [*(one.encode() for one in values), b"media-low-warning"]),
        (0x41, "printer-state-message", [data["spool_file"].encode()]),
        (0x42, "marker-names", [data["kanji"].encode(), b"Black " + data["kana"].encode()]),
        (0x44, "marker-types", [data["latin"].encode(), b"toner"]),
        (0x42, "marker-colors", [data["my_number"].encode(), b"#000000"]),
        (0x21, "marker-levels", [struct.pack(">i", -1), struct.pack(">i", 60)]),
        (0x30, "printer-input-tray", [f"name={data['address']};level=3;maxcapacity=9;status={data['pin']}".encode()]),
        (0x45, "device-uri", [f"usb://{data['card_serial']}".encode()]),
        (0x42, data["kanji"].encode().decode("latin-1")[:30], [data["receipt"].encode()]),
    ]
    for kind, name, of in attributes:
        for number, value in enumerate(of):
            written = b"" if number else name.encode("latin-1", "ignore")
            parts.append(struct.pack(">BH", kind, len(written)) + written + struct.pack(">H", len(value)) + value)
    return b"".join([*parts, b"\x03"])


@contextlib.contextmanager
def power_daemon(crowd: Crowd, events: int, done: threading.Event) -> Iterator[int]:
    """An ``upsd`` whose variables are somebody's data; sets ``done`` after ``events`` answers; its port."""

    class Handler(socketserver.StreamRequestHandler):
        asked = 0

        def handle(self) -> None:
            for _ in self.rfile:
                Handler.asked += 1
                if Handler.asked == events:
                    done.set()
                self.wfile.write(_variables(crowd.next().data, Handler.asked))

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def _variables(data: dict[str, str], number: int) -> bytes:
    if number % 5 == 0:
        return f"ERR {data['kanji']} {data['my_number']}\n".encode()
    if number % 5 == 1:
        return f"{data['vendor_log']}\nEND LIST VAR ups\n".encode()
    status = ("OL", "OB DISCHRG LB", data["latin"], f"OL {data['my_number']}")[number % 4]
    said = {"ups.status": status, "battery.charge": "80", "ups.serial": data["card_serial"], "ups.mfr": data["kanji"]}
    said |= {"battery.runtime": data["pin4"], "device.description": data["ocr"], data["kana"]: data["address"]}
    return b"".join(
        [
            b"BEGIN LIST VAR ups\n",
            *(f'VAR ups {name} "{value}"\n'.encode() for name, value in said.items()),
            b"END LIST VAR ups\n",
        ]
    )
