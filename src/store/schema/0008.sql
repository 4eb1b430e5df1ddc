-- By these one knows that capbu wrote it: of the audit's end, and of what a verdict on a certificate rests on (HMAC by
-- the seal key; lower-case hex). '' of what was written before there were any: capbuctl audit adopt.
ALTER TABLE audit_head ADD COLUMN mac TEXT NOT NULL DEFAULT '';
ALTER TABLE certs ADD COLUMN mac TEXT NOT NULL DEFAULT '';
