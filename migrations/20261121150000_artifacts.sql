-- Whose an artifact is, for tools that say what was reacted or replied to and not who made it. The
-- first to say so is believed. Times are UTC microseconds. Valid on SQLite and PostgreSQL.

CREATE TABLE artifacts (
    source       TEXT   NOT NULL,
    artifact     TEXT   NOT NULL,
    author       TEXT   NOT NULL,
    seen_at_us   BIGINT NOT NULL,
    PRIMARY KEY (source, artifact)
);
