"""Generates an export, imports it, has DuckDB do the same, and writes down what both took.

Run by scripts/bench.sh ingest. Deterministic but for the times; no packages but duckdb.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROWS = 5_000_000
TABLE = 1 << 14
THREADS = 2


class Numbers:
    """A generator of numbers that is the same everywhere (SplitMix64)."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)


def property_texts(numbers):
    """Properties as PostHog's web library sends them, without what differs from event to event."""
    browsers = ["Chrome", "Firefox", "Safari", "Mobile Safari", "Microsoft Edge"]
    systems = ["Windows", "Mac OS X", "iOS", "Android", "Linux"]
    guides = ["systems-thinking", "work-of-a-master", "self-development", "research"]
    for _ in range(TABLE):
        n = numbers.next()
        browser, system = browsers[n % 5], systems[n // 5 % 5]
        guide, section = guides[n // 25 % 4], n // 100 % 200
        path = f"/guides/{guide}/section-{section}"
        session = f"{numbers.next():016x}{numbers.next():016x}"
        yield (
            f'"$lib":"web","$lib_version":"1.{n % 300}.{n % 7}","$browser":"{browser}",'
            f'"$browser_version":{100 + n % 40},"$os":"{system}","$device_type":"Desktop",'
            f'"$current_url":"https://club.example.org{path}","$pathname":"{path}",'
            f'"$host":"club.example.org","$ip":"10.{n % 256}.{n // 256 % 256}.7",'
            f'"$session_id":"{session[:8]}-{session[8:12]}-7{session[13:16]}-8{session[17:20]}-'
            f'{session[20:]}","artifact":"{guide}/{section}"'
        )


def rows(count):
    """Rows of PostHog's batch export; one in a hundred is a repeat, of those one in ten on another
    day."""
    numbers = Numbers(1)
    texts = list(property_texts(numbers))
    events = ["section_read", "$pageview", "exercise_done", "comment_created", "reaction_added"]
    recent = [None] * 4096
    for i in range(count):
        n = numbers.next()
        known = recent[n >> 52]
        if known is not None and n % 100 == 0:
            text = known
            if n % 1000 == 0:
                text = text.replace("2026-02-", "2026-01-").replace("2026-03-", "2026-02-")
            yield text
            continue
        # About 60 events a second over two months; arrival is not quite in order.
        at = i + n % 4000
        seconds = at // 60
        day = seconds // 2000
        date = f"2026-{2 + day // 28:02}-{1 + day % 28:02}"
        of_day = seconds % 2000 * 43 + n % 43
        clock = f"{of_day // 3600:02}:{of_day // 60 % 60:02}:{of_day % 60:02}.{n % 1_000_000:06}"
        # A heavy tail: a few people do most.
        person = (n >> 20) % 10_000
        person = person * person // 10_000 * person // 10_000
        u = numbers.next()
        text = (
            f'{{"uuid":"{n >> 32:08x}-{i >> 16:04x}-7{u & 0xfff:03x}-8{u >> 12 & 0xfff:03x}-'
            f'{u >> 16:012x}","event":"{events[n % 5]}","distinct_id":"member-{person}",'
            f'"timestamp":"{date}T{clock}+00:00","created_at":"{date}T{clock}+00:00",'
            f'"properties":{{{texts[u % TABLE]},"minutes":{n % 90},"target":"post-{u % 500_000}"}},'
            f'"elements_chain":"","person_id":null}}\n'
        )
        recent[n >> 52] = text
        yield text


def generate(path, count):
    """Writes an export, unless it is there."""
    if path.exists():
        return
    part = path.with_suffix(".part")
    with open(part, "w", encoding="ascii", buffering=1 << 22) as file:
        file.writelines(rows(count))
    part.rename(path)


def measured(command, **options):
    """Runs a command: its output, seconds and peak memory, MiB."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed with {process.returncode}")
    return output, seconds, usage.ru_maxrss // 1024


def import_ours(binary, export, folder):
    """Imports an export into a new log by stk-oracle."""
    folder.mkdir()
    command = [str(binary), "--output", "json", "import", str(export)]
    environment = {"PATH": os.environ["PATH"]}
    output, seconds, peak = measured(
        command, cwd=folder, env=environment, stderr=subprocess.DEVNULL
    )
    return json.loads(output)["appended"], seconds, peak


def import_theirs(export, folder):
    """Has DuckDB read, deduplicate and write the same export, in a process of its own."""
    folder.mkdir()
    command = [sys.executable, __file__, "duckdb", str(export), str(folder / "events.parquet")]
    output, seconds, peak = measured(command, cwd=folder)
    return int(output), seconds, peak


def run_duckdb(export, parquet):
    """What DuckDB is asked to do; prints how many rows it wrote."""
    import duckdb

    database = duckdb.connect()
    database.execute(f"SET threads = {THREADS}; SET preserve_insertion_order = false")
    columns = (
        "{uuid: 'VARCHAR', event: 'VARCHAR', distinct_id: 'VARCHAR', timestamp: 'TIMESTAMPTZ', "
        "properties: 'JSON'}"
    )
    written = database.execute(
        f"COPY (SELECT * FROM read_json('{export}', format = 'newline_delimited', "
        f"columns = {columns}) "
        "QUALIFY row_number() OVER (PARTITION BY uuid ORDER BY timestamp) = 1) "
        f"TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)"
    ).fetchone()
    print(written[0])


def bench(binary, folder, count):
    """Measures everything."""
    folder.mkdir(parents=True, exist_ok=True)
    large, small = folder / f"{count}.jsonl", folder / f"{count // 10}.jsonl"
    print(f"generating {count} rows …", file=sys.stderr)
    generate(large, count)
    generate(small, count // 10)
    work = folder / "work"
    subprocess.run(["rm", "-rf", work], check=True)
    work.mkdir()
    print("importing …", file=sys.stderr)
    _, _, small_peak = import_ours(binary, small, work / "small")
    kept, seconds, peak = import_ours(binary, large, work / "ours")
    print("DuckDB …", file=sys.stderr)
    their_kept, their_seconds, their_peak = import_theirs(large, work / "theirs")
    if kept != their_kept:
        sys.exit(f"stk-oracle kept {kept} events and DuckDB {their_kept}")
    subprocess.run(["rm", "-rf", work], check=True)
    return {
        "rows": count,
        "events": kept,
        "bytes": large.stat().st_size,
        "seconds": round(seconds, 2),
        "rows_per_second": round(count / seconds),
        "peak_mib": peak,
        "peak_mib_tenth": small_peak,
        "duckdb_seconds": round(their_seconds, 2),
        "duckdb_peak_mib": their_peak,
        "ratio_duckdb": round(their_seconds / seconds, 2),
    }


def write_page(figures, page):
    """Puts the figures between the page's marks."""
    table = "| figure | value |\n|---|---|\n"
    table += "".join(f"| `{name}` | {value:,} |\n" for name, value in figures.items())
    text = page.read_text()
    marks = re.compile(r"(<!-- figures -->\n).*(<!-- end -->)", re.DOTALL)
    if not marks.search(text):
        sys.exit(f"{page} has no marks for the figures")
    page.write_text(marks.sub(lambda found: found[1] + table + found[2], text))


def main():
    """Reads the arguments."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    duckdb = commands.add_parser("duckdb")
    duckdb.add_argument("export")
    duckdb.add_argument("parquet")
    run = commands.add_parser("run")
    run.add_argument("--binary", type=pathlib.Path, required=True)
    run.add_argument("--folder", type=pathlib.Path, required=True)
    run.add_argument("--rows", type=int, default=ROWS)
    run.add_argument("--json", action="store_true")
    run.add_argument("--page", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.command == "duckdb":
        run_duckdb(arguments.export, arguments.parquet)
        return
    figures = bench(arguments.binary.resolve(), arguments.folder, arguments.rows)
    if arguments.json:
        print(json.dumps(figures))
    else:
        write_page(figures, arguments.page)


if __name__ == "__main__":
    main()
