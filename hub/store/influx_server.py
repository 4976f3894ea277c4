"""One InfluxDB server as the hub talks to it: lines in, InfluxQL and Flux out, every wait and every answer bounded.

Rules it keeps:
- Lines go through influxdb-client to ``/api/v2/write``; a server that has no such thing (1.6, 1.7) is written to by
  plain ``/write`` from then on.
- Whatever may succeed later raises ``StoreError``; what the server refuses for good raises ``StoreRefused``.
- No connection is made before it is needed, and a broken one is made anew by the next call.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from hub.errors import ConfigError, QueryError, StoreError, StoreRefused

if TYPE_CHECKING:
    import urllib3

ANSWER_BYTES_MAX = 32 * 1024 * 1024
"""Largest answer to one question [bytes]."""

CHUNK_ROWS = 5000
"""Rows in one piece of an answer."""

ERROR_BYTES_MAX = 64 * 1024
"""Most of an error's text that is read [bytes]."""

FLUX_ROWS_MAX = 100_000
_GZIP_LEVEL = 1
_FOR_GOOD = frozenset({400, 413, 422})


class InfluxTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the readings go.

    Attributes:
        url: the server, e.g. ``http://127.0.0.1:8086``.
        database: database (1.x), or first half of the buckets' names (2.x).
        retention: retention policy of the records as they came.
        rollup_retention: retention policy of the aggregates.
        organisation: only 2.x has them.
        token: ``user:password`` for 1.x with authentication, an API token for 2.x, empty for none.
        timeout_s: longest wait for one answer [s].
        compress: send lines gzipped: less on the wire, more work here.
    """

    url: str
    database: str = "machikado"
    retention: str = "raw"
    rollup_retention: str = "rollup"
    organisation: str = "-"
    token: str = ""
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=300)] = 10.0
    compress: bool = True


def target_of_bucket(url: str, bucket: str, organisation: str = "-", token: str = "") -> InfluxTarget:
    """The target that a bucket named ``database/retention`` means, as ``hub.toml`` and influxdb-client spell it.

    Raises:
        ConfigError: it is not two names with a slash between them.
    """
    database, slash, retention = bucket.partition("/")
    if not (database and slash and retention) or "/" in retention:
        raise ConfigError(f"store.influx_bucket {bucket!r}: wanted 'database/retention', e.g. 'machikado/raw'")
    return InfluxTarget(url=url, database=database, retention=retention, organisation=organisation, token=token)


class ResultSeries(NamedTuple):
    """One series of an InfluxQL answer: its measurement, tags, columns and rows."""

    name: str
    tags: dict[str, str]
    columns: list[str]
    values: list[list[Any]]


class _Series(msgspec.Struct):
    name: str = ""
    tags: dict[str, str] = {}
    columns: list[str] = []
    values: list[list[Any]] = []


class _Result(msgspec.Struct):
    series: list[_Series] = []
    error: str = ""


class _Answer(msgspec.Struct):
    results: list[_Result] = []
    error: str = ""


class _Refusal(msgspec.Struct):
    error: str = ""
    message: str = ""


_decode_answers = msgspec.json.Decoder(_Answer).decode_lines
_decode_refusal = msgspec.json.Decoder(_Refusal).decode


class InfluxServer:
    """A server of InfluxDB 1.x (1.6.7 and 1.8.3 are tested) or 2.x with a DBRP mapping (not run here)."""

    def __init__(self, target: InfluxTarget) -> None:
        self.target = target
        self._pool: urllib3.PoolManager | None = None
        self._client: Any = None
        self._has_v2 = True

    def write(self, retention: str, body: bytes) -> None:
        """Send lines (nanoseconds) into one retention policy.

        Raises:
            StoreRefused: the server refuses them, or some of them, for good.
            StoreError: no answer, or one that may be another later.
        """
        if self._has_v2 and self._write_v2(retention, body):
            return
        self._has_v2 = False
        target = self.target
        parameters = urlencode({"db": target.database, "rp": retention, "precision": "ns"})
        status, answer = self._request(
            "POST", f"/write?{parameters}", self._packed(body), self._packing(), ERROR_BYTES_MAX
        )
        if status >= 300:
            raise self._refused(status, answer)

    def ask(self, text: str, database: str | None = None) -> list[ResultSeries]:
        """The series that an InfluxQL statement gives, times in nanoseconds.

        Raises:
            QueryError: the server refuses the statement, or its answer is larger than ``ANSWER_BYTES_MAX``.
            StoreError: no answer, or one that may be another later.
        """
        where = self.target.database if database is None else database
        # Chunked, because servers cut an answer of one piece at max-row-limit (10,000 rows where nothing is configured).
        body = urlencode({"q": text, "db": where, "epoch": "ns", "chunked": "true", "chunk_size": CHUNK_ROWS})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, content = self._request("POST", "/query", body.encode(), headers, ANSWER_BYTES_MAX)
        if status >= 300:
            problem = self._refused(status, content)
            if isinstance(problem, StoreRefused):
                raise QueryError(f"InfluxDB refuses the question: {problem}")
            raise problem
        return self._series_of(content)

    def flux(self, text: str, most: int = 10_000) -> list[dict[str, object]]:
        """The rows that a Flux query gives, at most ``most`` of them, through influxdb-client.

        Raises:
            QueryError: the server has no Flux (1.6, 1.7, or not enabled) or refuses the query.
            StoreError: no answer, or one that may be another later.
        """
        if not 1 <= most <= FLUX_ROWS_MAX:
            raise QueryError(f"Flux: {most} rows wanted, 1–{FLUX_ROWS_MAX} may be asked for")
        rows: list[dict[str, object]] = []
        for row in self._flux_rows(text):
            rows.append(row)
            if len(rows) == most:
                break
        return rows

    def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            self._client.close()
        if self._pool is not None:
            self._pool.clear()
        self._client = self._pool = None

    def request(self, method: str, path: str, document: object | None = None) -> tuple[int, bytes]:
        """One call of the server's management interface: status and answer, at most 1 MiB.

        Raises:
            StoreError: no answer.
        """
        body = b"" if document is None else msgspec.json.encode(document)
        return self._request(method, path, body, {"Content-Type": "application/json"}, 1024 * 1024)

    def _write_v2(self, retention: str, body: bytes) -> bool:
        """Whether the server has ``/api/v2/write`` and took the lines."""
        import urllib3
        from influxdb_client.rest import ApiException
        from influxdb_client.service.write_service import WriteService

        target = self.target
        try:
            WriteService(self._influxdb_client().api_client).post_write(
                org=target.organisation,
                bucket=f"{target.database}/{retention}",
                body=self._packed(body),
                precision="ns",
                content_encoding="gzip" if target.compress else "identity",
            )
        except ApiException as problem:
            content = problem.body or b""
            if problem.status == 404 and not _words_of(content):
                return False
            raise self._refused(problem.status or 0, content) from problem
        except urllib3.exceptions.HTTPError as problem:
            raise self._silent(problem) from problem
        return True

    def _flux_rows(self, text: str) -> Iterator[dict[str, object]]:
        import urllib3
        from influxdb_client.client.flux_csv_parser import FluxCsvParserException, FluxQueryException
        from influxdb_client.rest import ApiException

        try:
            for record in self._influxdb_client().query_api().query_stream(text):
                yield dict(record.values)
        except ApiException as problem:
            if problem.status in (403, 404):
                said = _words_of(problem.body or b"") or "404 page not found"
                raise QueryError(
                    f"InfluxDB at {self.target.url} answers no Flux ({said}); ask by InfluxQL"
                ) from problem
            refused = self._refused(problem.status or 0, problem.body or b"")
            raise (QueryError(str(refused)) if isinstance(refused, StoreRefused) else refused) from problem
        except (FluxQueryException, FluxCsvParserException) as problem:
            raise QueryError(f"Flux: {' '.join(str(problem).split())}") from problem
        except urllib3.exceptions.HTTPError as problem:
            raise self._silent(problem) from problem

    def _influxdb_client(self) -> Any:
        if self._client is None:
            from influxdb_client import InfluxDBClient

            target = self.target
            self._client = InfluxDBClient(
                url=target.url, token=target.token, org=target.organisation, timeout=int(target.timeout_s * 1000)
            )
        return self._client

    def _request(
        self, method: str, path: str, body: bytes, headers: dict[str, str], most_bytes: int
    ) -> tuple[int, bytes]:
        import urllib3

        if self._pool is None:
            timeout = urllib3.Timeout(connect=self.target.timeout_s, read=self.target.timeout_s)
            self._pool = urllib3.PoolManager(timeout=timeout, retries=False, maxsize=4)
        if self.target.token:
            headers = {**headers, "Authorization": f"Token {self.target.token}"}
        try:
            with self._pool.request(
                method, self.target.url.rstrip("/") + path, body=body, headers=headers, preload_content=False
            ) as answer:
                content = answer.read(most_bytes + 1)
                if len(content) > most_bytes:
                    answer.close()
                    raise QueryError(
                        f"InfluxDB's answer is larger than {most_bytes} bytes: ask for less time or fewer points"
                    )
                answer.release_conn()
                return answer.status, content
        except urllib3.exceptions.HTTPError as problem:
            raise self._silent(problem) from problem

    def _series_of(self, content: bytes) -> list[ResultSeries]:
        try:
            answers = _decode_answers(content)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise StoreError(f"InfluxDB at {self.target.url}: an answer that is not its JSON: {problem}") from problem
        found: list[ResultSeries] = []
        for answer in answers:
            for result in answer.results:
                if result.error:
                    raise self._question_refused(result.error)
                _join(found, result.series)
            if answer.error:
                raise self._question_refused(answer.error)
        return found

    def _question_refused(self, reason: str) -> QueryError | StoreError:
        if "database not found" in reason or "retention policy not found" in reason:
            return self._not_set_up(reason)
        if "timeout" in reason or "killed" in reason:
            return StoreError(f"InfluxDB at {self.target.url}: {reason}")
        return QueryError(f"InfluxDB refuses the question: {reason}")

    def _refused(self, status: int, content: bytes) -> StoreRefused | StoreError:
        reason = _words_of(content) or content[:200].decode(errors="replace").strip() or "no reason given"
        if status == 404 or "retention policy not found" in reason:
            return self._not_set_up(reason)
        # Told as 400 too, but an operator can raise these limits and then the same lines are taken.
        if "limit exceeded" in reason:
            return StoreError(f"InfluxDB at {self.target.url}: {reason}; raise the limit in influxdb.conf")
        if status in _FOR_GOOD:
            return StoreRefused(reason)
        if status in (401, 403):
            return StoreError(f"InfluxDB at {self.target.url} refuses our token: {reason}; check [store] token")
        return StoreError(f"InfluxDB at {self.target.url}: status {status}: {reason}")

    def _not_set_up(self, reason: str) -> StoreError:
        return StoreError(f"InfluxDB at {self.target.url}: {reason}; run 'machikado hub setup-influx'")

    def _silent(self, problem: Exception) -> StoreError:
        return StoreError(f"InfluxDB at {self.target.url} does not answer: {' '.join(str(problem).split())[:200]}")

    def _packed(self, body: bytes) -> bytes:
        return gzip.compress(body, _GZIP_LEVEL) if self.target.compress else body

    def _packing(self) -> dict[str, str]:
        return {"Content-Encoding": "gzip"} if self.target.compress else {}


def _join(found: list[ResultSeries], pieces: list[_Series]) -> None:
    """Add the series of one piece of an answer; the first may go on with the last of the piece before."""
    for piece in pieces:
        last = found[-1] if found else None
        if last is not None and (last.name, last.tags, last.columns) == (piece.name, piece.tags, piece.columns):
            last.values.extend(piece.values)
        else:
            found.append(ResultSeries(piece.name, piece.tags, piece.columns, piece.values))


def _words_of(content: bytes) -> str:
    """InfluxDB's own words in an error's JSON, empty when it is not such JSON."""
    try:
        refusal = _decode_refusal(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return refusal.error or refusal.message
