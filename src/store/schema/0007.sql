-- Whoever has a certificate need not be its subscriber: with the receipt comes a secret, by which receipt and marks are
-- asked for again. '' of what was confirmed before: one is made when the key asks.
ALTER TABLE issued ADD COLUMN secret TEXT NOT NULL DEFAULT '';

-- Each further CMP transaction of a certificate that has its reservation is kept, too: there is an end to them.
ALTER TABLE issued ADD COLUMN asked_again BIGINT NOT NULL DEFAULT 0;

-- A confirmation that says "not installed" may come again and again, too.
ALTER TABLE issued ADD COLUMN not_installed BIGINT NOT NULL DEFAULT 0;
