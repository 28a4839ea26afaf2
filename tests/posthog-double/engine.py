"""A ClickHouse engine with PostHog's events, and HogQL on it.

HogQL is rewritten as PostHog itself does, and no further:

- `{name}` becomes a bound parameter with the value of that name;
- `toDateTime(x)` becomes `parseDateTime64BestEffortOrNull(x, 6, '<the project's timezone>')`;
- `FROM events` reads the project's table, every time in it moved to the project's timezone;
- without a LIMIT 100 rows are returned, and never more than 50,000.

A function that HogQL does not have is refused, as is OFFSET, which PostHog refuses to API keys.
"""

import json
import re
import tempfile
import threading
from pathlib import Path

from chdb._exceptions import ChdbError
from chdb.session import Session

DEFAULT_ROWS = 100
MAX_ROWS = 50_000

# Of HogQL's functions those that a client may need here.
FUNCTIONS = {"count", "min", "max", "toString", "toTimeZone", "toDateTime"}
# What is followed by a parenthesis and is no function.
KEYWORDS = {"and", "or", "in", "not", "as", "where", "select", "from", "by"}

TABLE = """
CREATE TABLE {table} (
    uuid UUID, event String, properties String, timestamp DateTime64(6, 'UTC'),
    distinct_id String, elements_chain String, created_at DateTime64(6, 'UTC'), person_id UUID
) ENGINE = MergeTree ORDER BY (toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid))
"""

# PostHog's batch export writes JSON within JSON; the table has it as text.
LOAD = """
INSERT INTO {table}
SELECT toUUID(JSONExtractString(row, 'uuid')), JSONExtractString(row, 'event'),
    JSONExtractRaw(row, 'properties'),
    parseDateTime64BestEffort(JSONExtractString(row, 'timestamp'), 6, 'UTC'),
    JSONExtractString(row, 'distinct_id'), '',
    parseDateTime64BestEffort(JSONExtractString(row, 'created_at'), 6, 'UTC'),
    toUUIDOrZero(JSONExtractString(row, 'person_id'))
FROM (SELECT json AS row FROM file('{path}', JSONAsString, 'json String'))
SETTINGS input_format_parallel_parsing = 0
"""


class QueryError(Exception):
    """HogQL that PostHog refuses, in its words."""


class Engine:
    """One engine for every project; it does one thing at a time."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="posthog-double-"))
        self.session = Session(str(self.folder / "clickhouse"))
        self.lock = threading.Lock()

    def execute(self, sql, params=None):
        with self.lock:
            return str(self.session.query(sql, "JSONCompact", params=params or {}))

    def create(self, table):
        self.execute(TABLE.format(table=table))

    def load(self, table, lines):
        """Adds rows of a batch export, one JSON object a line."""
        path = self.folder / f"{table}-{threading.get_ident()}.jsonl"
        path.write_bytes(lines)
        self.execute(LOAD.format(table=table, path=path))
        path.unlink()

    def query(self, table, timezone, hogql, values, max_rows=MAX_ROWS):
        """Runs HogQL: columns, types, rows and the limit."""
        sql, limit = self.translate(table, timezone, hogql, max_rows)
        answer = self.run(sql, values)
        columns = [column["name"] for column in answer["meta"]]
        types = [[column["name"], column["type"]] for column in answer["meta"]]
        return {"columns": columns, "types": types, "results": answer["data"], "limit": limit}

    def matching(self, table, timezone, hogql, values):
        """How many rows HogQL would have to go through, its LIMIT aside."""
        sql, _ = self.translate(table, timezone, re.split(r"\s+ORDER\s+BY\s", hogql)[0], MAX_ROWS)
        sql = re.sub(r"^SELECT .*? FROM ", "SELECT count() FROM ", sql, count=1, flags=re.S)
        return int(self.run(re.sub(r"\s+LIMIT\s+\d+$", "", sql), values)["data"][0][0])

    def run(self, sql, values):
        try:
            text = self.execute(sql, {name: str(value) for name, value in values.items()})
        except ChdbError as error:
            unknown = re.search(r"Unknown expression (?:or function )?identifier `(\w+)`", str(error))
            if unknown:
                raise QueryError(f"Unable to resolve field: {unknown[1]}") from error
            raise QueryError(f"Error while executing query: {str(error)[:300]}") from error
        return json.loads(text)

    def translate(self, table, timezone, hogql, max_rows):
        if re.search(r"\bOFFSET\b", hogql, re.I):
            raise QueryError("OFFSET is not supported on queries made with a personal API key.")
        for name in re.findall(r"\b(\w+)\s*\(", hogql):
            if name not in FUNCTIONS and name.lower() not in KEYWORDS:
                raise QueryError(f"Unsupported function call '{name}(...)'")
        limit = re.search(r"\bLIMIT\s+(\d+)\s*$", hogql)
        rows = min(int(limit[1]), max_rows) if limit else DEFAULT_ROWS
        sql = (hogql[: limit.start()] if limit else hogql).rstrip() + f" LIMIT {rows}"
        sql = re.sub(r"\{(\w+)\}", r"{\1:String}", sql)
        sql = re.sub(
            r"\btoDateTime\(([^()]*)\)",
            rf"parseDateTime64BestEffortOrNull(\1, 6, '{timezone}')",
            sql,
        )
        return re.sub(r"\bFROM\s+events\b", f"FROM ({self.view(table, timezone)}) AS events", sql), rows

    def view(self, table, timezone):
        columns = json.loads(self.execute(f"DESCRIBE TABLE {table}"))["data"]
        moved = [
            f"toTimeZone(t.{name}, '{timezone}') AS {name}" if kind.startswith("DateTime") else name
            for name, kind, *_ in columns
        ]
        return f"SELECT {', '.join(moved)} FROM {table} AS t"
