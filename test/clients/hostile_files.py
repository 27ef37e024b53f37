"""Writes hostile files from a seed, and says what independent readers make of them: csv, json and pyarrow.

Usage: hostile_files.py <folder> <first seed> <cases>. Prints a JSON list of cases.
"""

import csv
import datetime as dt
import decimal
import gzip
import io
import json
import random
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TEXTS = ["", "a", "#a", "007", "1", "1.50", "1e400", "9223372036854775808", "true", "2024-01-05", "03/04/2024",
         "2024-01-05T10:00:00Z", "say \"hi\"", "a,b", "two\nlines", "two\r\nlines", " x ", "\u2028", "é😀", "x\ufeff", "\ufeffx", "NULL", "NaN"]


def damaged(rng, data):
    if rng.random() > 0.15 or not data:
        return data, False
    at = rng.randrange(len(data))
    return data[:at] + rng.choice([b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"{", b""]) + data[at + rng.randrange(2):], True


def put(rng, path, data):
    if rng.random() < 0.2:
        path = Path(f"{path}.gz")
        data = gzip.compress(data)
    path.write_bytes(data)
    return path.name


def csv_case(rng, folder, seed):
    names = ["id", "x", "a b"][: rng.randint(2, 3)]
    out = io.StringIO(newline="")
    delimiter = rng.choice([",", ",", ";", "\t", "|"])
    writer = csv.writer(out, delimiter=delimiter, lineterminator=rng.choice(["\n", "\r\n"]), quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer.writerow(names)
    for _ in range(rng.randrange(15)):
        writer.writerow([rng.choice(TEXTS) for _ in names])
    data, is_damaged = damaged(rng, out.getvalue().encode())
    try:
        rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True, delimiter=delimiter))
        # An empty line is no row to either; a row's empty fields may be null or the empty string.
        rows = [row for row in rows if row != []]
    except (csv.Error, UnicodeDecodeError):
        rows = None
    return {"path": put(rng, folder / f"{seed}.csv", data), "format": "csv", "delimiter": delimiter, "damaged": is_damaged,
            "names": rows[0] if rows else None, "rows": rows[1:] if rows else None}


def json_value(rng):
    return rng.choice([*(json.dumps(t, ensure_ascii=rng.random() < 0.5) for t in TEXTS), "1", "-0", "1.0", "1e400", "0.10",
                       "9007199254740993", "123456789012345678901234567890", "true", "false", "null"])


class Untellable(Exception):
    pass


def members(pairs):
    names = [name.lower() for name, _ in pairs]
    if len(set(names)) < len(names):
        raise Untellable
    return {name.lower(): value for name, value in pairs}


def refuse_constant(name):
    raise Untellable


def text_of(value):
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def json_case(rng, folder, seed):
    names = ["id", "x", "é"][: rng.randint(1, 3)]
    lines = []
    for _ in range(1 + rng.randrange(12)):
        pairs = [f'"{name.upper() if rng.random() < 0.05 else name}": {json_value(rng)}' for name in names if rng.random() < 0.9]
        if rng.random() < 0.02:
            pairs.append('"id": 1')
        lines.append("{" + ", ".join(pairs) + "}")
    # Each name at least once, so that all are columns.
    lines.append("{" + ", ".join(f'"{name}": 1' for name in names) + "}")
    data, is_damaged = damaged(rng, "".join(f"{line}{rng.choice([chr(10), chr(13) + chr(10)])}" for line in lines).encode())
    try:
        objects = []
        for line in data.decode().split("\n"):
            if line.strip(" \t\r") == "":
                continue
            value = json.loads(line, parse_int=str, parse_float=str, parse_constant=refuse_constant, object_pairs_hook=members)
            if not isinstance(value, dict):
                raise Untellable
            objects.append(value)
        found = {name for one in objects for name in one}
        rows = [[text_of(one.get(name)) for name in names] for one in objects]
        if not found <= set(names) or any(isinstance(cell, (list, dict)) for row in rows for cell in row):
            return None  # damage made another column, or a value that is no scalar
    except (Untellable, ValueError):
        rows = None
    return {"path": put(rng, folder / f"{seed}.jsonl", data), "format": "jsonl", "damaged": is_damaged, "names": names, "rows": rows}


NOW = dt.datetime(2024, 1, 5, 10, 0, 0, 123456)
KINDS = {
    "int8": (pa.int8(), [1, -128, None]),
    "int32": (pa.int32(), [1, 2**31 - 1, None]),
    "int64": (pa.int64(), [1, 7, None]),
    "large int64": (pa.int64(), [1, 2**53 + 1, -(2**63)]),
    "uint64": (pa.uint64(), [1, 2**64 - 1]),
    "float32": (pa.float32(), [0.5, -2.25, None]),
    "float64": (pa.float64(), [0.5, 7.0, 9007199254740992.0, None]),
    "decimal(38,0)": (pa.decimal128(38, 0), [decimal.Decimal(12), decimal.Decimal(10**37)]),
    "decimal(10,4)": (pa.decimal128(10, 4), [decimal.Decimal("1.2345"), None]),
    "decimal(5,2)": (pa.decimal128(5, 2), [decimal.Decimal("1.25"), None]),
    "decimal(76,2)": (pa.decimal256(76, 2), [decimal.Decimal("1.25"), decimal.Decimal(10**70)]),
    "string": (pa.string(), ["7", "a", "", None]),
    "dictionary": (pa.dictionary(pa.int32(), pa.string()), ["a", "b", "a"]),
    "null": (pa.null(), [None, None]),
    "bool": (pa.bool_(), [True, False, None]),
    "date": (pa.date32(), [dt.date(2024, 1, 5), None]),
    "ms": (pa.timestamp("ms"), [NOW.replace(microsecond=123000), None]),
    "us": (pa.timestamp("us"), [NOW, None]),
    "us zoned": (pa.timestamp("us", "UTC"), [NOW, None]),
    "ns": (pa.timestamp("ns"), [1704448800123456000, None]),
    "ns fine": (pa.timestamp("ns"), [1704448800123456789, None]),
    "ns zoned": (pa.timestamp("ns", "UTC"), [1704448800123456000, None]),
    "ns zoned fine": (pa.timestamp("ns", "UTC"), [1704448800123456789, None]),
}


def exact(value):
    """A value as one text: equal values, equal text. Numbers without trailing zeros, instants in nanoseconds."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def cells(column):
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ns", column.type.tz)).cast(pa.int64())
    return [exact(value) for value in column.to_pylist()]


def parquet_case(rng, folder, seed):
    where = folder / f"p{seed}"
    where.mkdir()
    families = [list(KINDS), ["int8", "int32", "int64", "float64", "null"], ["ms", "us", "date", "null"], ["decimal(38,0)", "decimal(10,4)", "decimal(5,2)"]]
    kinds = [rng.choice(rng.choice(families)) for _ in range(rng.choice([1, 1, 2, 3]))]
    if rng.random() < 0.3:
        kinds = kinds[:1] * len(kinds)
    rows = []
    for i, kind in enumerate(kinds):
        type_, values = KINDS[kind]
        table = pa.table({"n": pa.array(range(i * 10, i * 10 + len(values)), pa.int64()), "x": pa.array(values).cast(type_) if kind.startswith("dict") else pa.array(values, type_)})
        name = where / f"{i}.parquet"
        pq.write_table(table, name, compression=rng.choice(["snappy", "zstd", "gzip", "none"]), version=rng.choice(["1.0", "2.6"]) if "ns" not in kind else "2.6",
                       use_dictionary=rng.random() < 0.5, use_deprecated_int96_timestamps=kind in ("ns", "ns fine") and rng.random() < 0.3)
        back = pq.read_table(name)
        x = back["x"]
        if kind == "date" and set(kinds) - {"date", "null"}:
            x = x.cast(pa.timestamp("us"))  # beside instants, a day is its midnight
        rows += [list(pair) for pair in zip(cells(back["n"]), cells(x))]
    return {"path": f"p{seed}/*.parquet", "format": "parquet", "damaged": False, "kinds": kinds, "names": ["n", "x"], "rows": rows}


def main():
    folder, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    made = []
    for seed in range(first, first + count):
        rng = random.Random(seed)
        for case in (csv_case, json_case, parquet_case):
            made.append(case(rng, folder, seed))
    print(json.dumps([one for one in made if one is not None]))


main()
