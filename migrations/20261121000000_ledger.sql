-- Members, epochs and what each epoch allocated. Amounts are base units, times UTC microseconds,
-- hashes and addresses text. Valid on SQLite and PostgreSQL.

-- source and external_id are the id under which a member was first seen.
CREATE TABLE members (
    member_index BIGINT PRIMARY KEY,
    source       TEXT   NOT NULL,
    external_id  TEXT   NOT NULL,
    seen_at_us   BIGINT NOT NULL,
    merged_into  BIGINT REFERENCES members (member_index),
    merged_at_us BIGINT
);

CREATE TABLE epochs (
    epoch            BIGINT PRIMARY KEY,
    ended_at_us      BIGINT NOT NULL,
    policy_version   BIGINT NOT NULL,
    budget           BIGINT NOT NULL,
    leaf_count       BIGINT NOT NULL,
    cumulative_total BIGINT NOT NULL,
    root             TEXT   NOT NULL,
    bundle_hash      TEXT   NOT NULL
);

CREATE TABLE pool_budgets (
    epoch       BIGINT NOT NULL REFERENCES epochs (epoch),
    pool        TEXT   NOT NULL,
    share       BIGINT NOT NULL,
    carried_in  BIGINT NOT NULL,
    carried_out BIGINT NOT NULL,
    PRIMARY KEY (epoch, pool)
);

CREATE TABLE allocations (
    epoch         BIGINT NOT NULL REFERENCES epochs (epoch),
    pool          TEXT   NOT NULL,
    member_index  BIGINT NOT NULL REFERENCES members (member_index),
    contributions BIGINT NOT NULL,
    micro_points  BIGINT NOT NULL,
    amount        BIGINT NOT NULL,
    PRIMARY KEY (epoch, pool, member_index)
);

CREATE INDEX allocations_by_member ON allocations (member_index, epoch);
