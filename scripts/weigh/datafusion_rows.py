"""Has DataFusion do the heaviest part of the weights, E of every work, on the rows of bench_weigh.

Run by scripts/bench.sh weigh. The rows are in memory when the clock starts, as bench_weigh's are, and
the answer has to be the same to the last digit. No packages but datafusion, as its project builds it.
"""

import json
import math
import pathlib
import resource
import sys
import time

import datafusion

THREADS = 2
# engagement.attention of examples/policies/contribution.toml, millionths.
ATTENTION_MICRO = 3_000_000
# 10^9 × n^-0.5, rounded down: what the n-th work of one author counts.
DAMPING = [math.isqrt(10**18 // n) for n in range(1, 10_001)]
# E = Σ voice × weight × min(1, attention / Σ weights) × n^-0.5, rounded down twice, as the oracle does.
RECOGNITION = """
    WITH given AS (
        SELECT actor, author, artifact, first_value(weight ORDER BY weight DESC, event) AS weight,
               first_value(event ORDER BY weight DESC, event) AS event
        FROM engagements GROUP BY actor, author, artifact
    ), ranked AS (
        SELECT actor, artifact, weight,
               row_number() OVER (PARTITION BY actor, author ORDER BY event) AS n,
               sum(weight) OVER (PARTITION BY actor) AS weights
        FROM given
    ), parts AS (
        SELECT artifact,
               CASE WHEN weights * 1000000 > {attention}
                    THEN voice * weight * {attention} / (weights * 1000000)
                    ELSE voice * weight END * factor / 1000000000 AS part
        FROM ranked JOIN voices ON voices.person = ranked.actor JOIN damping ON damping.n = ranked.n
        WHERE voice > 0
    )
    SELECT artifact, sum(part) AS engagement FROM parts GROUP BY artifact
"""
CHECK = "SELECT sum(engagement), sum(engagement * (artifact % 1009)) FROM answer"


def main(folder):
    context = datafusion.SessionContext(
        datafusion.SessionConfig().with_target_partitions(THREADS),
        datafusion.RuntimeEnvBuilder(),
    )
    for table in ("engagements", "voices"):
        rows = context.read_parquet(str(pathlib.Path(folder) / f"{table}.parquet"))
        context.register_record_batches(table, rows.collect_partitioned())
    damping = [{"n": n, "factor": factor} for n, factor in enumerate(DAMPING, start=1)]
    context.register_view("damping", context.from_pylist(damping))
    begun = time.monotonic()
    answer = context.sql(RECOGNITION.format(attention=ATTENTION_MICRO)).collect_partitioned()
    seconds = time.monotonic() - begun
    context.register_record_batches("answer", answer)
    check = context.sql(CHECK).to_pydict()
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = {
        "datafusion_seconds": round(seconds, 2),
        "datafusion_peak_mib": peak_kib // 1024,
        "check": [column[0] for column in check.values()],
    }
    print(json.dumps(figures, separators=(",", ":")))


main(sys.argv[1])
