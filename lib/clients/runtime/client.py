"""What all generated clients have in common: a question to the API or to the table, and rows of typed features.

It is copied into each client as it is, so it imports the standard library only. Judged by
test/clients/generated-python.test.ts, as part of such clients, and there by mypy in strict mode.
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
