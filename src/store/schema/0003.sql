-- Token models as they were signed and published; the highest version is what capbu is given, the others are history.
CREATE TABLE publication (
    version BIGINT PRIMARY KEY,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    source_hash TEXT NOT NULL,
    der BYTEA NOT NULL
);
