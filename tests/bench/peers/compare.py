#!/usr/bin/env python3
"""Whether the tables that a generated crate and dlt made of the same users hold the same values: compare.py OURS THEIRS, folders of Parquet.

dlt makes columns and tables of any object; we keep objects without a schema as JSON, which is spread out here in the same way.
"""

import json
import re
import sys
from pathlib import Path

import pyarrow.parquet as parquet


def tables(folder):
    """The rows of each table."""
    for table in sorted(Path(folder).iterdir()):
        files = sorted(table.glob("*.parquet"))
        if files and not table.name.startswith("_"):
            # A file each: columns that came late are missing in earlier ones.
            yield table.name, [row for file in files for row in parquet.read_table(file).to_pylist()]


def snake(name):
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def spread(found, table, key, record):
    """Lays a record out as dlt does: objects as further columns, lists as tables."""
    row = {}
    stack = [((), record)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack.extend(((*path, snake(name)), inner) for name, inner in value.items())
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                inner = inner if isinstance(inner, dict) else {"value": inner}
                spread(found, "__".join((table, *path)), (*key, index), inner)
        elif value is not None:
            row["__".join(path)] = value
    found.setdefault(table, {})[key] = row


def read(folder, objects):
    """The values of each table by the user's id and the indices of lists; `objects` are the columns of JSON."""
    found, keys = {}, {}
    for table, rows in sorted(tables(folder), key=lambda pair: len(pair[0])):
        around = max((name for name in keys if table.startswith(f"{name}__")), key=len, default=None)
        own = keys[table] = {}
        for row in rows:
            key = (row["user_id"],) if around is None else (*keys[around][row["_dlt_parent_id"]], row["_dlt_list_idx"])
            assert row["_dlt_id"] not in own, f"{table}: two rows are called {row['_dlt_id']}"
            own[row["_dlt_id"]] = key
            record = {name: value for name, value in row.items() if not name.startswith("_dlt_")}
            for name in record.keys() & objects.get(table, set()):
                record[name] = json.loads(record[name]) if record[name] is not None else None
            assert key not in found.get(table, {}), f"{table}: {key} is there twice"
            spread(found, table, key, record)
    return found


def like(ours, theirs):
    """Whether two values are one: dlt writes what is no text as one where a column has texts."""
    if isinstance(theirs, str) and not isinstance(ours, str):
        return json.dumps(ours) == theirs or str(ours) == theirs
    return ours == theirs


def main():
    objects = {"users": {"app_metadata", "user_metadata", "locale"}, "users__identities": {"user_id", "profile_data"}}
    ours, theirs = read(sys.argv[1], objects), read(sys.argv[2], {})
    differences = 0
    for table in sorted(ours.keys() | theirs.keys()):
        left, right = ours.get(table, {}), theirs.get(table, {})
        differ = [
            key
            for key in left.keys() | right.keys()
            if (left.get(key, {}).keys() != right.get(key, {}).keys())
            or key not in left
            or key not in right
            or not all(like(value, right[key][name]) for name, value in left[key].items())
        ]
        for key in differ[:3]:
            print(f"{table} {key}: {left.get(key)} / {right.get(key)}", file=sys.stderr)
        differences += len(differ)
        print(f"{table}: {len(left)} rows, {len(right)} of dlt, {len(differ)} differ")
    sys.exit(differences > 0)


main()
