"""The technician's page: the snapshot once a second in a browser on the device itself, without network or hub."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable
from typing import Any

import msgspec

from edge.errors import EdgeError, WatchError
from edge.watch import Snapshot

HOST = "127.0.0.1"
OUR_NAMES = ("127.0.0.1", "localhost")
"""Host names under which the page answers: a foreign site cannot read it through a name of its own."""

PAGE = """<!doctype html>
<html lang="ja">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>装置の点検</title>
<style>
 :root { color-scheme: light dark; --ok: #0a7d36; --warn: #9a6700; --fail: #c1121f }
 body { font: 16px/1.5 system-ui, "Noto Sans JP", sans-serif; margin: 1rem auto; max-width: 60rem; padding: 0 1rem }
 table { border-collapse: collapse; width: 100%; margin-bottom: 1rem }
 td, th { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid #8884; vertical-align: top }
 td.value { font-variant-numeric: tabular-nums; font-weight: 600; overflow-wrap: anywhere }
 td.number { white-space: nowrap }
 small { opacity: .8; font-weight: 400 } td small { display: block; overflow-wrap: anywhere }
 .sign { white-space: nowrap }
 .ok { color: var(--ok) } .warn { color: var(--warn) } .fail { color: var(--fail) }
 #lost { background: var(--fail); color: #fff; padding: .5rem; display: none }
 @media (prefers-color-scheme: dark) { :root { --ok: #5bd38a; --warn: #e3b341; --fail: #ff7b81 } }
</style>
<h1 id="device">装置の点検 <small>Device check</small></h1>
<p id="lost" role="alert">表示が止まっています <small>No answer from the device</small></p>
<p id="mode"></p>
<table id="standing"></table>
<h2>信号源 <small>Sources</small></h2><table id="sources"></table>
<h2>現在の値 <small>Live values</small></h2><table id="lines"></table>
<script>
const SIGN = {ok: "✓ 良好", warn: "! 注意", fail: "✗ 異常"};
const CLOCK = {synchronised: "正確", holdover: "保持中", unknown: "不明"};
const BROKER = {connected: "接続中", away: "未接続", "not tried": "送信なし"};
const text = (tag, value, kind) => { const e = document.createElement(tag); e.textContent = value;
  if (kind) e.className = kind; return e; };
const withNote = (name, note) => { const cell = text("td", name); if (note) cell.append(text("small", note));
  return cell; };
const row = (...cells) => { const r = document.createElement("tr"); r.append(...cells); return r; };
const number = v => typeof v === "number" ? String(Number(v.toPrecision(9))) : v ?? "–";
function show(s) {
  const at = s.standing, rows = (id, list) => document.getElementById(id).replaceChildren(...list);
  document.getElementById("device").textContent = s.device + "（" + s.family + "）";
  const mode = document.getElementById("mode");
  mode.textContent = s.agent_runs ? "エージェント動作中 Agent runs" :
    "エージェント停止中：値は直接読んでおり、何も送信していません No agent runs: nothing is sent";
  mode.className = s.agent_runs ? "ok" : "warn";
  const ago = v => v == null ? "まだなし none yet" : Math.round(v) + " 秒前";
  rows("standing", [["時計 Clock", (CLOCK[at.clock_quality] ?? at.clock_quality) + " " + at.clock_quality],
    ["送信待ち Outbox", at.outbox_records == null ? "–" : at.outbox_records + " 件 records"],
    ["通信 Broker", (BROKER[at.broker] ?? at.broker) + " " + at.broker],
    ["最後の受領確認 Last ack", ago(at.last_ack_s)]]
    .map(([name, value]) => row(text("th", name), text("td", value, "value"))));
  rows("sources", s.sources.map(o => row(
    withNote(o.name, o.items + " 件 items" + (o.firmware ? "・ファームウェア firmware " + o.firmware : "") +
      (o.state === "delivering" ? "" : "・" + o.state)),
    o.state === "delivering" ? text("td", "✓ 受信中", "sign ok") : text("td", "✗ 異常", "sign fail"))));
  rows("lines", s.lines.map(o => row(withNote(o.name, o.note),
    text("td", number(o.value) + " " + (o.unit ?? ""), typeof o.value === "number" ? "value number" : "value"),
    text("td", SIGN[o.verdict] ?? "", "sign " + o.verdict))));
}
async function look() {
  let fine = false;
  try { const a = await fetch("snapshot.json", {cache: "no-store"}); fine = a.ok; if (fine) show(await a.json()); }
  catch { fine = false; }
  document.getElementById("lost").style.display = fine ? "none" : "block";
  setTimeout(look, 1000);
}
look();
</script>
</html>
"""


def serve(look: Callable[[], Snapshot], port: int, stop: threading.Event, tell: Callable[[str], None]) -> None:
    """Serve the page on loopback until ``stop``; ``tell`` gets its address.

    Raises:
        WatchError: the port cannot be used.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        """Two resources, read only."""

        timeout = 5.0

        def do_GET(self) -> None:
            """Answer the page or the snapshot."""
            if self.headers.get("Host", "").rpartition(":")[0] not in OUR_NAMES:
                self._answer(403, "text/plain", b"only on this machine\n")
            elif self.path == "/":
                self._answer(200, "text/html; charset=utf-8", PAGE.encode())
            elif self.path == "/snapshot.json":
                try:
                    self._answer(200, "application/json", msgspec.json.encode(look()))
                except EdgeError as problem:
                    self._answer(503, "text/plain; charset=utf-8", f"{problem}\n".encode())
            else:
                self._answer(404, "text/plain", b"/ or /snapshot.json\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Requests of a page that looks every second are nothing to log."""

    try:
        server = http.server.HTTPServer((HOST, port), Handler)
    except (OSError, OverflowError) as problem:
        raise WatchError(
            f"page on {HOST}:{port}: {problem}; choose another --page port, or 0 for a free one"
        ) from problem
    with server:
        server.timeout = 0.5
        tell(f"http://{HOST}:{server.server_address[1]}/")
        while not stop.is_set():
            server.handle_request()
