-- What the receipt tells (R5.10): the consent a reservation was made under, whose help it came by, and the receipt
-- itself; the systems that the subscriber has told of the new certificate; assist codes that end after so many uses.

ALTER TABLE consent ADD COLUMN lang TEXT NOT NULL DEFAULT '';

ALTER TABLE issued ADD COLUMN consent_at BIGINT;
ALTER TABLE issued ADD COLUMN consent_text TEXT NOT NULL DEFAULT '';
ALTER TABLE issued ADD COLUMN consent_lang TEXT NOT NULL DEFAULT '';
ALTER TABLE issued ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE issued ADD COLUMN marks BIGINT NOT NULL DEFAULT 0; -- a bit for each of rules/mark.h
ALTER TABLE issued ADD COLUMN marks_at BIGINT;
ALTER TABLE issued ADD COLUMN receipt BYTEA; -- CMS, written with confirmed_at

-- A consent given again after the reservation is not the one it was made under.
UPDATE issued SET
    consent_at = (SELECT c.at FROM consent c WHERE c.old_id = issued.old_id AND c.at <= issued.reserved_at),
    consent_text = COALESCE((SELECT c.text_id FROM consent c
                             WHERE c.old_id = issued.old_id AND c.at <= issued.reserved_at), ''),
    holder = COALESCE((SELECT a.holder FROM consent c JOIN assist a ON a.code_hash = c.assist_hash
                       WHERE c.old_id = issued.old_id AND c.at <= issued.reserved_at), '');

ALTER TABLE assist ADD COLUMN uses BIGINT; -- certificates it may be used for; NULL: any number
CREATE INDEX consent_by_assist ON consent (assist_hash);
