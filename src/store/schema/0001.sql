-- The first schema. Only BIGINT, INTEGER keys, TEXT and BYTEA: one text for SQLite and PostgreSQL.
-- Times are seconds since 1970 in UTC, days are days since 1970, names are those of interfaces.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- The operator's records: a row per old certificate.
CREATE TABLE certs (
    id INTEGER PRIMARY KEY, -- import order
    serial TEXT NOT NULL,
    issuer_key TEXT NOT NULL,
    contract TEXT NOT NULL,
    tax_code TEXT NOT NULL,
    name TEXT NOT NULL,
    province BIGINT NOT NULL,
    device TEXT NOT NULL,
    contract_from BIGINT,
    contract_to BIGINT,
    status TEXT NOT NULL,
    status_at BIGINT,
    token_serial TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    am TEXT NOT NULL,
    agent TEXT NOT NULL,
    row_hash TEXT NOT NULL, -- SHA-256 of all the others: tells "unchanged" without comparing them
    der BYTEA NOT NULL,
    UNIQUE (serial, issuer_key)
);

-- What was issued: at most one row per old certificate, recorded before it is signed.
CREATE TABLE issued (
    old_id INTEGER PRIMARY KEY REFERENCES certs (id),
    old_serial TEXT NOT NULL,
    new_serial TEXT NOT NULL UNIQUE,
    tax_code TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    owed_days BIGINT NOT NULL,
    cut_days BIGINT NOT NULL,
    contract_end BIGINT NOT NULL,
    channel TEXT NOT NULL,
    campaign_hash TEXT NOT NULL,
    reserved_at BIGINT NOT NULL,
    issued_at BIGINT,
    confirmed_at BIGINT,
    tbs BYTEA NOT NULL,
    der BYTEA
);
CREATE INDEX issued_by_time ON issued (reserved_at, old_id);

CREATE TABLE cmp_tx (
    transaction_id BYTEA PRIMARY KEY,
    at BIGINT NOT NULL,
    old_id BIGINT NOT NULL,
    old_serial TEXT NOT NULL,
    request BYTEA NOT NULL,
    response BYTEA NOT NULL
);
CREATE INDEX cmp_tx_by_time ON cmp_tx (at);

-- Consent as told by `begin`; the latest one counts, the earlier ones are in the audit.
CREATE TABLE consent (
    old_id INTEGER PRIMARY KEY REFERENCES certs (id),
    at BIGINT NOT NULL,
    channel TEXT NOT NULL,
    assist_hash TEXT,
    client_version TEXT NOT NULL,
    device_model TEXT NOT NULL,
    text_id TEXT NOT NULL
);

CREATE TABLE assist (
    code_hash TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    holder TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE phase_switch (
    phase_id TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Append-only; each hash covers the one before it and the line (store/audit.c).
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    old_serial TEXT,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash)
    VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
