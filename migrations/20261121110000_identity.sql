-- Who the members are. Nothing is deleted but codes and challenges that were never used: what ended
-- has the time when it did. Times are UTC microseconds, addresses and signatures base58. Valid on
-- SQLite and PostgreSQL.

-- Every change of an identity begins by counting itself here, which makes it wait for the others.
CREATE TABLE identity_changes (
    singleton    BIGINT PRIMARY KEY CHECK (singleton = 1),
    change_count BIGINT NOT NULL
);

INSERT INTO identity_changes (singleton, change_count) VALUES (1, 0);

-- The ids under which a source knows a member. They stay with the member that was given them: whose
-- they are after a merge, members.merged_into says.
CREATE TABLE aliases (
    source       TEXT   NOT NULL,
    external_id  TEXT   NOT NULL,
    member_index BIGINT NOT NULL REFERENCES members (member_index),
    added_at_us  BIGINT NOT NULL,
    PRIMARY KEY (source, external_id)
);

CREATE INDEX aliases_by_member ON aliases (member_index);

-- The role agent has an owner, and no other role has.
CREATE TABLE member_roles (
    member_index  BIGINT NOT NULL REFERENCES members (member_index),
    role          TEXT   NOT NULL,
    owner_index   BIGINT REFERENCES members (member_index),
    granted_at_us BIGINT NOT NULL,
    revoked_at_us BIGINT,
    PRIMARY KEY (member_index, role, granted_at_us),
    CHECK ((role = 'agent') = (owner_index IS NOT NULL))
);

-- Every wallet that was ever linked, with the message that it signed.
CREATE TABLE wallets (
    member_index   BIGINT NOT NULL REFERENCES members (member_index),
    nonce          TEXT   NOT NULL,
    wallet         TEXT   NOT NULL,
    message        TEXT   NOT NULL,
    signature      TEXT   NOT NULL,
    linked_at_us   BIGINT NOT NULL,
    unlinked_at_us BIGINT,
    PRIMARY KEY (member_index, nonce)
);

CREATE UNIQUE INDEX wallets_of_member ON wallets (member_index) WHERE unlinked_at_us IS NULL;
CREATE UNIQUE INDEX wallets_of_address ON wallets (wallet) WHERE unlinked_at_us IS NULL;

-- A code lets its bearer link a wallet as a member, once. The hash is the SHA-256 of the code.
CREATE TABLE link_codes (
    code_hash     TEXT   PRIMARY KEY,
    member_index  BIGINT NOT NULL REFERENCES members (member_index),
    issued_at_us  BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    used_at_us    BIGINT
);

CREATE INDEX link_codes_by_member ON link_codes (member_index);

-- What a wallet was asked to sign, once.
CREATE TABLE link_challenges (
    nonce         TEXT   PRIMARY KEY,
    member_index  BIGINT NOT NULL REFERENCES members (member_index),
    wallet        TEXT   NOT NULL,
    message       TEXT   NOT NULL,
    issued_at_us  BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    used_at_us    BIGINT
);
