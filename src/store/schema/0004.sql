-- How often the marks of one certificate changed: whoever has the certificate may tell them, so there is an end to it. No
-- question about CMP transactions is asked by time.
ALTER TABLE issued ADD COLUMN mark_changes BIGINT NOT NULL DEFAULT 0;
DROP INDEX cmp_tx_by_time;
