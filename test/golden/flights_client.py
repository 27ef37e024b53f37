"""Made by `quern generate python` from the plan fe09b4dd1fcd57b1df8a1bd70f2293e11089d29581106b7599fd747e960da70a.

Do not edit it: change the definitions, and make it again.
"""

from __future__ import annotations

import base64
import http.client
import json
import struct
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Generic, Literal, Protocol, TypedDict, TypeVar, Union, cast

T = TypeVar("T")


@dataclass(frozen=True)
class Present(Generic[T]):
    """A value, and when it became true."""

    value: T
    event_timestamp: datetime
    status: Literal["PRESENT"] = "PRESENT"


@dataclass(frozen=True)
class Absent:
    """No value, and why. The event timestamp is the newest row's; None if there is no row (NOT_FOUND)."""

    status: Literal["NULL_VALUE", "OUTSIDE_MAX_AGE", "NOT_FOUND"]
    event_timestamp: datetime | None
    value: None = None


@dataclass(frozen=True)
class Masked(Generic[T]):
    """What the mask makes of a value that the caller may not see."""

    value: T
    event_timestamp: datetime
    status: Literal["MASKED"] = "MASKED"


Feature = Union[Present[T], Absent]


@dataclass(eq=False)
class QuernError(Exception):
    """A call without an answer. Codes are the server's (unknown-service, not-granted, store-unavailable ...), or

    no-answer     none came: not in time, or not at all; or the table left keys unread
    refused       by what stands before the server, such as a gateway that does not take the signature
    unreadable    what came is not from this API
    plan-differs  the definitions have changed: generate the client again

    status is HTTP's, request_id is by which the server's log knows the call: both None if no answer came.
    retry_after is in seconds; None: trying again does not help, or nobody knows.
    """

    code: str
    message: str
    status: int | None = None
    request_id: str | None = None
    retry_after: int | None = None

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Use:
    """A view in one role: where its items lie, and which attribute each feature is."""

    view: str
    ttl_ms: int | None
    keys: tuple[str, ...]
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Service:
    """What a client knows of a service: the types of its columns, in the order of answers, and its views.

    Without uses, no item of the table holds its features. request is what derived features need beside join keys.
    """

    name: str
    join_keys: Mapping[str, str]
    features: Mapping[str, str]
    uses: tuple[Use, ...]
    request: Mapping[str, str] = field(default_factory=dict)


Columns = dict[str, list[Union[bool, int, str]]]
RequestColumns = dict[str, list[Union[bool, int, float, str, None]]]
Rows = list[dict[str, Any]]


class Store(Protocol):  # Api or Table
    def read(self, service: Service, entities: Sequence[Mapping[str, object]]) -> Rows: ...


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_INTEGERS = {"int32": 2**31, "int64": 2**63}
_FLOATS = ("float32", "float64")


def _instant_text(value: datetime) -> str:
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _key_to_json(value: object, type: str) -> bool | int | str | None:
    """None for what is not of the type. Datetimes without a zone are refused, for nobody knows when they are."""
    if isinstance(value, bool):
        return value if type == "bool" else None
    if isinstance(value, int):
        return value if type in _INTEGERS and -_INTEGERS[type] <= value < _INTEGERS[type] else None
    if isinstance(value, str):
        return value if type == "string" else None
    if isinstance(value, bytes):
        return base64.b64encode(value).decode() if type == "bytes" else None
    if isinstance(value, datetime):
        return _instant_text(value) if type == "timestamp" and value.tzinfo is not None else None
    return value.isoformat() if type == "date" and isinstance(value, date) else None


def _key_columns(service: Service, entities: Sequence[Mapping[str, object]]) -> Columns:
    """Raises TypeError for a value that is not of its join key's type; it does not tell the value."""
    columns: Columns = {}
    for name, type in service.join_keys.items():
        columns[name] = column = []
        for row, entity in enumerate(entities):
            value = _key_to_json(entity.get(name), type)
            if value is None:
                raise TypeError(f"entities[{row}][{name!r}] of {service.name} is no {type}")
            column.append(value)
    return columns


def _request_columns(service: Service, entities: Sequence[Mapping[str, object]]) -> RequestColumns:
    """Raises TypeError for a value that is missing or not of its type; None is of any."""
    columns: RequestColumns = {}
    for name, type in service.request.items():
        columns[name] = column = []
        for row, entity in enumerate(entities):
            value = _float_to_json(entity.get(name)) if type in _FLOATS else _key_to_json(entity.get(name), type)
            if value is None and (name not in entity or entity[name] is not None):
                raise TypeError(f"entities[{row}][{name!r}] of {service.name} is no {type}")
            column.append(value)
    return columns


def _float_to_json(value: object) -> float | str | None:
    if isinstance(value, bool) or not isinstance(value, (float, int)):
        return None
    text = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(float(value)))
    return float(value) if text is None else text


def _exactly(value: Any, kind: type[object]) -> Any:
    """A bool is an int in Python, but not here."""
    if type(value) is not kind:
        raise ValueError
    return value


def _float(value: Any) -> float:
    if type(value) in (float, int) or value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    raise ValueError


_FROM_JSON: Mapping[str, Callable[[Any], Any]] = {
    "bool": lambda value: _exactly(value, bool),
    "int32": lambda value: _exactly(value, int),
    "int64": lambda value: _exactly(value, int),
    "float32": _float,
    "float64": _float,
    "string": lambda value: _exactly(value, str),
    "bytes": lambda value: base64.b64decode(_exactly(value, str), validate=True),
    "timestamp": lambda value: datetime.fromisoformat(_exactly(value, str).replace("Z", "+00:00")),
    "date": lambda value: date.fromisoformat(_exactly(value, str)),
}


def _from_json(value: Any, type: str) -> Any:
    """Raises ValueError for what is not of the type."""
    if value is None:
        return None
    if type.startswith("array<"):
        return [_from_json(element, type[6:-1]) for element in _exactly(value, list)]
    if type.startswith("vector<"):
        return [_float(element) for element in _exactly(value, list)]
    return _FROM_JSON[type](value)


def _feature(status: object, value: Any, event_timestamp: datetime) -> object:
    if status == "PRESENT":
        return Present(value, event_timestamp)
    if status == "MASKED":
        return Masked(value, event_timestamp)
    if status == "NULL_VALUE" or status == "OUTSIDE_MAX_AGE":
        return Absent(status, event_timestamp)
    if status != "NOT_FOUND":
        raise ValueError
    return Absent(status, None)


def _feature_from_json(result: Mapping[str, Any], row: int, type: str) -> object:
    status = result["statuses"][row]
    value = _from_json(result["values"][row], "string" if status == "MASKED" else type)
    return _feature(status, value, _FROM_JSON["timestamp"](result["event_timestamps"][row]))


@dataclass(frozen=True)
class SignableRequest:
    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str]
    body: bytes


Sign = Callable[[SignableRequest], Mapping[str, str]]


class Api:
    """The serving API.

    url      where it is, such as https://abc.execute-api.eu-central-1.amazonaws.com
    sign     gives all headers of a request, its signature (Signature Version 4, service execute-api) among them;
             without it requests are not signed, as for a store without consumers
    timeout  seconds that the server may be silent
    """

    def __init__(self, url: str, *, sign: Sign | None = None, timeout: float = 10.0) -> None:
        if not url.startswith(("https://", "http://")):
            raise ValueError(f"{url!r} is no URL of an API; it begins with https:// or http://")
        self._url = url.rstrip("/")
        self._sign = sign
        self._timeout = timeout

    def read(self, service: Service, entities: Sequence[Mapping[str, object]]) -> Rows:
        columns: dict[str, object] = {**_key_columns(service, entities), **_request_columns(service, entities)}
        question = {"feature_service": service.name, "entities": columns}
        answer = self._call("POST", "/get-online-features", json.dumps(question).encode())
        try:
            results = dict(zip(answer["metadata"]["feature_names"], answer["results"]))
        except (KeyError, TypeError) as error:
            raise QuernError("unreadable", "the answer is not JSON of this API", status=200) from error
        rows: Rows = [{} for _ in entities]
        for name, type in service.features.items():
            try:
                for row, features in enumerate(rows):
                    features[name] = _feature_from_json(results[name], row, type)
            except (KeyError, IndexError, TypeError, ValueError) as error:
                message = f"{service.name}: {name} is no {type} any more; generate the client again"
                raise QuernError("plan-differs", message, status=200) from error
        return rows

    def served_plan(self) -> str:
        """Hash of the plan that the server answers by."""
        try:
            return str(self._call("GET", "/health", b"")["plan"])
        except (KeyError, TypeError) as error:
            message = "the answer of /health names no plan: is it this API?"
            raise QuernError("unreadable", message, status=200) from error

    def _call(self, method: Literal["GET", "POST"], path: str, body: bytes) -> Any:
        request = SignableRequest(method, self._url + path, {"content-type": "application/json"}, body)
        headers = request.headers if self._sign is None else self._sign(request)
        sent = urllib.request.Request(request.url, body or None, dict(headers), method=method)
        try:
            with urllib.request.urlopen(sent, timeout=self._timeout) as response:
                return _parse(response.read())
        except urllib.error.HTTPError as error:
            raise _refusal(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise QuernError("no-answer", f"no answer from {request.url}: {error}") from error


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _refusal(error: urllib.error.HTTPError) -> QuernError:
    with error:
        said = _parse(error.read())
    said = said if isinstance(said, dict) else {}
    told = said["error"] if isinstance(said.get("error"), dict) else {}
    after = error.headers.get("retry-after", "")
    return QuernError(
        str(told.get("code", "refused")),
        str(told.get("message", said.get("message", f"the server answered {error.code}"))),
        status=error.code,
        request_id=told.get("request_id", error.headers.get("apigw-requestid")),
        retry_after=int(after) if after.isdigit() else None,
    )


class DynamoDb(Protocol):
    """As much of boto3's client as reading needs."""

    @property
    def batch_get_item(self) -> Callable[..., Any]: ...


def _key_text(value: bool | int | str) -> str:
    if isinstance(value, str):
        return value.replace("%", "%25").replace("|", "%7C")
    return str(value).lower()


_FROM_ATTRIBUTE: Mapping[str, Callable[[Any], Any]] = {
    "int32": int,
    "int64": int,
    "float32": float,
    "float64": float,
    "timestamp": lambda micros: _EPOCH + timedelta(microseconds=int(micros)),
    "date": date.fromisoformat,
}


def _from_attribute(attribute: Mapping[str, Any], type: str) -> Any:
    if "NULL" in attribute:
        return None
    if type.startswith("array<"):
        return [_from_attribute(element, type[6:-1]) for element in attribute["L"]]
    if type.startswith("vector<"):
        return list(struct.unpack(f"<{type[7:-1]}f", attribute["B"]))
    (content,) = attribute.values()
    return _FROM_ATTRIBUTE[type](content) if type in _FROM_ATTRIBUTE else content


Item = Mapping[str, Mapping[str, Any]]


def _features_from_item(service: Service, use: Use, item: Item | None, now: int) -> dict[str, object]:
    """now is in microseconds since 1970. Judged by the rule of time, as the API does."""
    at = None if item is None else int(item["event_timestamp"]["N"])
    if item is None or at is None or at > now:
        return dict.fromkeys(use.attributes, Absent("NOT_FOUND", None))
    event_timestamp = _FROM_ATTRIBUTE["timestamp"](at)
    if use.ttl_ms is not None and at < now - use.ttl_ms * 1000:
        return dict.fromkeys(use.attributes, Absent("OUTSIDE_MAX_AGE", event_timestamp))
    features: dict[str, object] = {}
    for name, attribute in use.attributes.items():
        value = _from_attribute(item.get(attribute, {"NULL": True}), service.features[name])
        features[name] = _feature("NULL_VALUE" if value is None else "PRESENT", value, event_timestamp)
    return features


def _partition_keys(use: Use, columns: Columns, rows: int) -> list[str]:
    texts = [[_key_text(value) for value in columns[name]] for name in use.keys]
    return ["|".join([use.view, *(column[row] for column in texts)]) for row in range(rows)]


class Table:
    """The online table itself, for models that are near it. Its rows are those of the API, but nothing is masked:
    who may not read a feature of a service is denied the whole service.

    dynamodb  boto3.client("dynamodb"); its errors come as they are
    table     its name
    now       seconds since 1970: the instant at which ages are judged, to the millisecond as by the API
    """

    _BATCH = 100
    _ATTEMPTS = 8
    _FIRST_WAIT = 0.025

    def __init__(self, dynamodb: DynamoDb, table: str, *, now: Callable[[], float] = time.time) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def read(self, service: Service, entities: Sequence[Mapping[str, object]]) -> Rows:
        if not service.uses:
            raise TypeError(f"no item of the table holds the features of {service.name}; read it through Api")
        columns = _key_columns(service, entities)
        keys = [(use, _partition_keys(use, columns, len(entities))) for use in service.uses]
        items = self._items(keys)
        now = round(self._now() * 1000) * 1000
        rows: Rows = [{} for _ in entities]
        for use, of_rows in keys:
            for features, key in zip(rows, of_rows):
                features.update(_features_from_item(service, use, items.get(key), now))
        return rows

    def _items(self, keys: Sequence[tuple[Use, Sequence[str]]]) -> dict[str, Item]:
        """By partition key. One call reads of one view, and names what it wants, as IAM may demand."""
        items: dict[str, Item] = {}
        for view in dict.fromkeys(use.view for use, _ in keys):
            uses = [(use, of_rows) for use, of_rows in keys if use.view == view]
            wanted = list(dict.fromkeys(key for _, of_rows in uses for key in of_rows))
            features = dict.fromkeys(name for use, _ in uses for name in use.attributes.values())
            for start in range(0, len(wanted), self._BATCH):
                batch = self._batch(wanted[start : start + self._BATCH], ["pk", "event_timestamp", *features])
                items.update((item["pk"]["S"], item) for item in batch)
        return items

    def _batch(self, keys: Sequence[str], attributes: Sequence[str]) -> list[Item]:
        """What DynamoDB leaves unread is asked for again, after longer and longer waits."""
        names = {f"#{i}": name for i, name in enumerate(attributes)}
        asked = {
            "Keys": [{"pk": {"S": key}, "sk": {"S": "row"}} for key in keys],
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
        }
        pending = {self._table: asked}
        items: list[Item] = []
        for attempt in range(self._ATTEMPTS):
            if attempt > 0:
                time.sleep(self._FIRST_WAIT * 2**attempt)
            answer = self._dynamodb.batch_get_item(RequestItems=pending)
            items.extend(answer.get("Responses", {}).get(self._table, []))
            pending = answer.get("UnprocessedKeys", {})
            if not pending:
                return items
        raise QuernError("no-answer", f"{len(keys) - len(items)} keys stayed unread: the table is throttled")


# Hash of the plan that this client was made from; Api.served_plan() is the server's.
PLAN = "fe09b4dd1fcd57b1df8a1bd70f2293e11089d29581106b7599fd747e960da70a"

# Of whom Client.departure_delay is asked.
DepartureDelayEntity = TypedDict(
    "DepartureDelayEntity",
    {
        # An airline by its two-letter code. string.
        "carrier": str,
        # An airport by its IATA code. string.
        "dest": str,
        # An airport by its IATA code. string.
        "origin": str,
        # An aircraft by its tail number. string.
        "tailnum": str,
    },
)

# What Client.departure_delay answers for an entity.
DepartureDelayRow = TypedDict(
    "DepartureDelayRow",
    {
        # Temperature, °F. airport_weather@1:temp of origin, float64, good for 3 hours.
        "temp": Feature[float],
        # Relative humidity, %. airport_weather@1:humid of origin, float64, good for 3 hours.
        "humid": Feature[float],
        # Wind direction, degrees. airport_weather@1:wind_dir of origin, int32, good for 3 hours.
        "wind_dir": Feature[int],
        # Wind speed, mph. airport_weather@1:wind_speed of origin, float64, good for 3 hours.
        "wind_speed": Feature[float],
        # Gust speed, mph. airport_weather@1:wind_gust of origin, float64, good for 3 hours.
        "wind_gust": Feature[float],
        # Precipitation in the hour, inches. airport_weather@1:precip of origin, float64, good for 3 hours.
        "precip": Feature[float],
        # Visibility, miles. airport_weather@1:visib of origin, float64, good for 3 hours.
        "visib": Feature[float],
        # Latitude, degrees. airport_place@1:lat of origin, float64.
        "origin_place__lat": Feature[float],
        # Longitude, degrees. airport_place@1:lon of origin, float64.
        "origin_place__lon": Feature[float],
        # Altitude, feet. airport_place@1:alt of origin, int32.
        "origin_place__alt": Feature[int],
        # Latitude, degrees. airport_place@1:lat of dest, float64.
        "dest_place__lat": Feature[float],
        # Longitude, degrees. airport_place@1:lon of dest, float64.
        "dest_place__lon": Feature[float],
        # Altitude, feet. airport_place@1:alt of dest, int32.
        "dest_place__alt": Feature[int],
        # Year of manufacture. aircraft_model@1:year_built of tailnum, int32.
        "year_built": Feature[int],
        # aircraft_model@1:manufacturer of tailnum, string.
        "manufacturer": Feature[str],
        # Count of seats. aircraft_model@1:seats of tailnum, int32.
        "seats": Feature[int],
        # Where it landed. aircraft_last_flight@1:last_dest of tailnum, string, good for 3 days.
        "last_dest": Feature[str],
        # Departure delay, minutes. aircraft_last_flight@1:last_dep_delay of tailnum, int32, good for 3 days.
        "last_dep_delay": Feature[int],
        # Arrival delay, minutes. aircraft_last_flight@1:last_arr_delay of tailnum, int32, good for 3 days.
        "last_arr_delay": Feature[int],
        # Minutes in the air. aircraft_last_flight@1:last_air_time of tailnum, int32, good for 3 days.
        "last_air_time": Feature[int],
        # Departures of the day. carrier_day@1:departures of carrier, int64, good for 7 days.
        "carrier_day__departures": Feature[int],
        # Mean departure delay, minutes. carrier_day@1:mean_dep_delay of carrier, float64, good for 7 days.
        "carrier_day__mean_dep_delay": Feature[float],
        # Share of departures over 15 minutes late. carrier_day@1:late_share of carrier, float64, good for 7 days.
        "late_share": Feature[float],
        # Departures of the day. route_day@1:departures of dest, origin, int64, good for 7 days.
        "route_day__departures": Feature[int],
        # Mean departure delay, minutes. route_day@1:mean_dep_delay of dest, origin, float64, good for 7 days.
        "route_day__mean_dep_delay": Feature[float],
        # Longest departure delay, minutes. route_day@1:max_dep_delay of dest, origin, int32, good for 7 days.
        "max_dep_delay": Feature[int],
    },
)

# Of whom Client.live_delays is asked.
LiveDelaysEntity = TypedDict(
    "LiveDelaysEntity",
    {
        # An airline by its two-letter code. string.
        "carrier": str,
        # An airport by its IATA code. string.
        "dest": str,
        # An airport by its IATA code. string.
        "origin": str,
        # Request value. int32.
        "distance": Union[int, None],
    },
)

# What Client.live_delays answers for an entity.
LiveDelaysRow = TypedDict(
    "LiveDelaysRow",
    {
        # airport_departures@1:departures_1h of origin, int64.
        "departures_1h": Feature[int],
        # airport_departures@1:mean_dep_delay_1h of origin, float64.
        "mean_dep_delay_1h": Feature[float],
        # airport_departures@1:mean_dep_delay_6h of origin, float64.
        "mean_dep_delay_6h": Feature[float],
        # carrier_arrivals@1:arrivals_6h of carrier, int64.
        "arrivals_6h": Feature[int],
        # carrier_arrivals@1:late_arrivals_6h of carrier, int64.
        "late_arrivals_6h": Feature[int],
        # carrier_arrivals@1:mean_arr_delay_6h of carrier, float64.
        "mean_arr_delay_6h": Feature[float],
        # carrier_arrivals@1:mean_arr_delay_7d of carrier, float64.
        "carrier_arr_delay_7d": Feature[float],
        # route_arrivals@1:arrivals_1d of dest, origin, int64.
        "arrivals_1d": Feature[int],
        # route_arrivals@1:mean_arr_delay_1d of dest, origin, float64.
        "mean_arr_delay_1d": Feature[float],
        # route_arrivals@1:mean_arr_delay_7d of dest, origin, float64.
        "mean_arr_delay_7d": Feature[float],
        # Wind across and against the way to the destination, mph. Derived: route_wind:crosswind, float64.
        "crosswind": Feature[float],
        # Wind across and against the way to the destination, mph. Derived: route_wind:headwind, float64.
        "headwind": Feature[float],
        # The last day and hour against the week, and how far there is to fly. Derived: trend:arr_delay_trend, float64.
        "arr_delay_trend": Feature[float],
        # The last day and hour against the week, and how far there is to fly. Derived: trend:departures_trend, float64.
        "departures_trend": Feature[float],
        # The last day and hour against the week, and how far there is to fly. Derived: trend:is_long_haul, bool.
        "is_long_haul": Feature[bool],
    },
)

_SERVICES = {
    "departure_delay": Service(
        name="departure_delay",
        join_keys={
            "carrier": "string",
            "dest": "string",
            "origin": "string",
            "tailnum": "string",
        },
        features={
            "temp": "float64",
            "humid": "float64",
            "wind_dir": "int32",
            "wind_speed": "float64",
            "wind_gust": "float64",
            "precip": "float64",
            "visib": "float64",
            "origin_place__lat": "float64",
            "origin_place__lon": "float64",
            "origin_place__alt": "int32",
            "dest_place__lat": "float64",
            "dest_place__lon": "float64",
            "dest_place__alt": "int32",
            "year_built": "int32",
            "manufacturer": "string",
            "seats": "int32",
            "last_dest": "string",
            "last_dep_delay": "int32",
            "last_arr_delay": "int32",
            "last_air_time": "int32",
            "carrier_day__departures": "int64",
            "carrier_day__mean_dep_delay": "float64",
            "late_share": "float64",
            "route_day__departures": "int64",
            "route_day__mean_dep_delay": "float64",
            "max_dep_delay": "int32",
        },
        uses=(
            Use(
                view="airport_weather@1",
                ttl_ms=10800000,
                keys=("origin",),
                attributes={
                    "temp": "temp",
                    "humid": "humid",
                    "wind_dir": "wind_dir",
                    "wind_speed": "wind_speed",
                    "wind_gust": "wind_gust",
                    "precip": "precip",
                    "visib": "visib",
                },
            ),
            Use(
                view="airport_place@1",
                ttl_ms=None,
                keys=("origin",),
                attributes={
                    "origin_place__lat": "lat",
                    "origin_place__lon": "lon",
                    "origin_place__alt": "alt",
                },
            ),
            Use(
                view="airport_place@1",
                ttl_ms=None,
                keys=("dest",),
                attributes={
                    "dest_place__lat": "lat",
                    "dest_place__lon": "lon",
                    "dest_place__alt": "alt",
                },
            ),
            Use(
                view="aircraft_model@1",
                ttl_ms=None,
                keys=("tailnum",),
                attributes={
                    "year_built": "year_built",
                    "manufacturer": "manufacturer",
                    "seats": "seats",
                },
            ),
            Use(
                view="aircraft_last_flight@1",
                ttl_ms=259200000,
                keys=("tailnum",),
                attributes={
                    "last_dest": "last_dest",
                    "last_dep_delay": "last_dep_delay",
                    "last_arr_delay": "last_arr_delay",
                    "last_air_time": "last_air_time",
                },
            ),
            Use(
                view="carrier_day@1",
                ttl_ms=604800000,
                keys=("carrier",),
                attributes={
                    "carrier_day__departures": "departures",
                    "carrier_day__mean_dep_delay": "mean_dep_delay",
                    "late_share": "late_share",
                },
            ),
            Use(
                view="route_day@1",
                ttl_ms=604800000,
                keys=("dest", "origin"),
                attributes={
                    "route_day__departures": "departures",
                    "route_day__mean_dep_delay": "mean_dep_delay",
                    "max_dep_delay": "max_dep_delay",
                },
            ),
        ),
    ),
    "live_delays": Service(
        name="live_delays",
        join_keys={
            "carrier": "string",
            "dest": "string",
            "origin": "string",
        },
        features={
            "departures_1h": "int64",
            "mean_dep_delay_1h": "float64",
            "mean_dep_delay_6h": "float64",
            "arrivals_6h": "int64",
            "late_arrivals_6h": "int64",
            "mean_arr_delay_6h": "float64",
            "carrier_arr_delay_7d": "float64",
            "arrivals_1d": "int64",
            "mean_arr_delay_1d": "float64",
            "mean_arr_delay_7d": "float64",
            "crosswind": "float64",
            "headwind": "float64",
            "arr_delay_trend": "float64",
            "departures_trend": "float64",
            "is_long_haul": "bool",
        },
        uses=(),
        request={
            "distance": "int32",
        },
    ),
}


class Client:
    """Features of entities: Client(Api("https://...")), or Client(Table(boto3.client("dynamodb"), "online"))."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def departure_delay(self, entities: Sequence[DepartureDelayEntity]) -> Sequence[DepartureDelayRow]:
        """What is known of a departure at its scheduled time. Owner: delays@example.com.
        One row for each entity, in their order; at most 1,428 entities a call.

        Raises QuernError if there is no answer, TypeError if a join key is not of its type.
        """
        # Made of the very columns of which the type speaks.
        return cast("Sequence[DepartureDelayRow]", self._store.read(_SERVICES["departure_delay"], entities))

    def live_delays(self, entities: Sequence[LiveDelaysEntity]) -> Sequence[LiveDelaysRow]:
        """How late things are right now, at a departure’s scheduled time. Owner: delays@example.com.
        One row for each entity, in their order; at most 1,666 entities a call.

        Raises QuernError if there is no answer, TypeError if a join key, or a request value, is not of its type.
        """
        # Made of the very columns of which the type speaks.
        return cast("Sequence[LiveDelaysRow]", self._store.read(_SERVICES["live_delays"], entities))
