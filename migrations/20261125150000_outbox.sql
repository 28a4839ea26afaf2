-- Transactions, each written here with its signature before it is sent, and who may sign them. Amounts
-- are lamports, times UTC microseconds. Valid on SQLite and PostgreSQL.

CREATE TABLE leases (
    -- What is held: the mint of a distribution.
    name          TEXT   PRIMARY KEY,
    holder        TEXT   NOT NULL,
    expires_at_us BIGINT NOT NULL
);

CREATE TABLE outbox (
    signature               TEXT   PRIMARY KEY,
    mint                    TEXT   NOT NULL,
    epoch                   BIGINT NOT NULL,
    purpose                 TEXT   NOT NULL,
    payer                   TEXT   NOT NULL,
    -- The signed transaction, base64.
    wire                    TEXT   NOT NULL,
    last_valid_block_height BIGINT NOT NULL,
    compute_units           BIGINT NOT NULL,
    -- What it pays when it lands, whether it succeeds or not.
    fee_lamports            BIGINT NOT NULL,
    -- Rent that it leaves in accounts, at most, when it succeeds.
    deposit_lamports        BIGINT NOT NULL,
    -- What it takes of the epoch's budget: both, the fee alone once it failed, nothing once it expired.
    cost_lamports           BIGINT NOT NULL,
    -- signed: sent or about to be; then succeeded, failed (it landed) or expired (it never will).
    state                   TEXT   NOT NULL,
    error                   TEXT,
    signed_at_us            BIGINT NOT NULL,
    settled_at_us           BIGINT
);

CREATE INDEX outbox_by_state ON outbox (mint, state);
CREATE INDEX outbox_by_epoch ON outbox (mint, epoch);
