-- Which change of a record was the last: looked up before anything is signed for it.
CREATE INDEX audit_changed ON audit (old_serial, seq) WHERE kind = 'changed';
