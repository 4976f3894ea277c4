"""The two things a benchmark asks an InfluxDB 1.x: make a database, and how many points are in it."""

import json
import urllib.error
import urllib.parse
import urllib.request

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


def _influxql(place: Place, query: str, database: str | None) -> bytes:
    parameters = {"q": query} | ({"db": database} if database else {})
    url = f"http://{place.host}:{place.port}/query"
    try:
        with urllib.request.urlopen(url, urllib.parse.urlencode(parameters).encode(), timeout=TIMEOUT_S) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, OSError) as error:
        raise MeasurementFailed(f"InfluxDB at {url}: '{query}': {error}") from error
