-- Two certificates of different issuers without an authority key identifier may have one serial number: they are known by
-- their digest, which the program puts in the place of the empty issuer_key, and hashes the row anew (store/certs_digest.c).
UPDATE certs SET row_hash = '' WHERE issuer_key = '';
