-- The manifest of the event log, how far each source was read, and what was turned away. Times are
-- UTC microseconds, hashes hexadecimal text. Valid on SQLite and PostgreSQL.

-- Parquet files in the log's folder; retired ones were merged into others.
CREATE TABLE segments (
    content_hash    TEXT   PRIMARY KEY,
    source          TEXT   NOT NULL,
    row_count       BIGINT NOT NULL,
    bytes           BIGINT NOT NULL,
    first_at_us     BIGINT NOT NULL,
    last_at_us      BIGINT NOT NULL,
    committed_at_us BIGINT NOT NULL,
    retired_at_us   BIGINT
);

-- Moves in the transaction that adds what was read. A source has one stream, or one for each file.
CREATE TABLE cursors (
    source          TEXT   NOT NULL,
    stream          TEXT   NOT NULL,
    position        TEXT   NOT NULL,
    synced_until_us BIGINT NOT NULL,
    moved_at_us     BIGINT NOT NULL,
    PRIMARY KEY (source, stream)
);

-- Sums over all that a source ever delivered: read_count = appended + repeated + rejected. What is
-- replayed moves from the rejected to the others.
CREATE TABLE source_counts (
    source          TEXT   PRIMARY KEY,
    read_count      BIGINT NOT NULL,
    appended_count  BIGINT NOT NULL,
    repeated_count  BIGINT NOT NULL,
    rejected_count  BIGINT NOT NULL,
    delivered_at_us BIGINT NOT NULL
);

-- What was turned away, each thing once, until it is replayed. The id is the SHA-256 of source, form
-- and raw text. The form says what the raw text is; times, how often it was turned away since it was
-- replayed last; rejected_at_us, when it was first.
CREATE TABLE rejections (
    rejection_id   TEXT   PRIMARY KEY,
    source         TEXT   NOT NULL,
    place          TEXT   NOT NULL,
    reason         TEXT   NOT NULL,
    form           TEXT   NOT NULL,
    raw            TEXT   NOT NULL,
    times          BIGINT NOT NULL,
    rejected_at_us BIGINT NOT NULL,
    replayed_at_us BIGINT
);

CREATE INDEX rejections_by_source ON rejections (source, rejected_at_us);

-- Events that were pushed to us and wait for their segment: the answer 200 means that they are here.
CREATE TABLE inbox (
    source         TEXT   NOT NULL,
    external_id    TEXT   NOT NULL,
    at_us          BIGINT NOT NULL,
    name           TEXT   NOT NULL,
    actor          TEXT   NOT NULL,
    properties     TEXT   NOT NULL,
    received_at_us BIGINT NOT NULL,
    PRIMARY KEY (source, external_id)
);
