-- How many events of a range of times a source counts itself, and how many the log has: the newest
-- answer for each range. Times are UTC microseconds. Valid on SQLite and PostgreSQL.

CREATE TABLE reconciliations (
    source        TEXT   NOT NULL,
    from_us       BIGINT NOT NULL,
    to_us         BIGINT NOT NULL,
    source_count  BIGINT NOT NULL,
    log_count     BIGINT NOT NULL,
    checked_at_us BIGINT NOT NULL,
    PRIMARY KEY (source, from_us, to_us)
);
