"""What a benchmark asks an InfluxDB 1.x: make a database, how many points are in it, and which."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from benchmarks.errors import MeasurementFailed
from simulators.servers import Place

TIMEOUT_S = 20.0


def create_database(place: Place, database: str) -> None:
    """Make the database; harmless when it exists. Raises MeasurementFailed when InfluxDB does not answer."""
    _influxql(place, f'CREATE DATABASE "{database}"', None)


def points(place: Place, database: str, measurement: str, field: str) -> int:
    """How many points have the field. Raises MeasurementFailed when InfluxDB does not answer."""
    answer = json.loads(_influxql(place, f'SELECT count("{field}") FROM "{measurement}"', database))
    series = answer["results"][0].get("series")
    return int(series[0]["values"][0][1]) if series else 0


def records(place: Place, database: str, query: str) -> list[dict[str, Any]]:
    """The rows of a query's first result, each by its columns. Raises MeasurementFailed without an answer."""
    answer = json.loads(_influxql(place, query, database))["results"][0]
    if "error" in answer:
        raise MeasurementFailed(f"InfluxDB: '{query}': {answer['error']}")
    return [
        dict(zip(series["columns"], values, strict=True))
        for series in answer.get("series", [])
        for values in series["values"]
    ]


def _influxql(place: Place, query: str, database: str | None) -> bytes:
    parameters = {"q": query} | ({"db": database} if database else {})
    url = f"http://{place.host}:{place.port}/query"
    try:
        with urllib.request.urlopen(url, urllib.parse.urlencode(parameters).encode(), timeout=TIMEOUT_S) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, OSError) as error:
        raise MeasurementFailed(f"InfluxDB at {url}: '{query}': {error}") from error
