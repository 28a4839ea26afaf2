-- Address lookup tables that this oracle created, the newest of a page last. The chain says what is in
-- them. Times are UTC microseconds, addresses base58. Valid on SQLite and PostgreSQL.

CREATE TABLE lookup_tables (
    address       TEXT   PRIMARY KEY,
    mint          TEXT   NOT NULL,
    page_index    BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL
);
