-- Consent comes inside the signed request and is recorded with the reservation (R5.10); what `begin` had recorded for who
-- then asked for nothing is no consent, and uses no assist code up.
ALTER TABLE issued ADD COLUMN request_hash TEXT NOT NULL DEFAULT ''; -- SHA-256 of the request it was reserved for
DELETE FROM consent WHERE old_id NOT IN (SELECT old_id FROM issued);
