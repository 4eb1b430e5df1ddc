"""journal.py JOURNAL OLD_CA.pem CERTIFICATE.der...: a reader of signed.journal that shares nothing with capbu's own. Does it have
each old certificate once, and are the new ones off tokens those that it knows? An old certificate among them is passed over."""
import base64
import hashlib
import sys


def inside(der, at):  # header of the element at `at`: where its contents begin, where it ends
    length = der[at + 1]
    if length < 0x80:
        return at + 2, at + 2 + length
    n = length & 0x7F
    return at + 2 + n, at + 2 + n + int.from_bytes(der[at + 2 : at + 2 + n], "big")


def fields(der):  # of the TBSCertificate, with the whole of it first
    tbs, _ = inside(der, 0)
    at, end = inside(der, tbs)
    out = [der[tbs:end]]
    while at < end:
        _, after = inside(der, at)
        out.append(der[at:after])
        at = after
    return out


journal = open(sys.argv[1], "rb").read()
assert journal[:8] == b"capbuj1\n" and len(journal) % 64 == 0
pem = open(sys.argv[2]).read().split("-----")[2]
ca = fields(base64.b64decode(pem))
issuer = hashlib.sha256(ca[7]).digest()
entries, twice = {}, 0
for at in range(64, len(journal), 64):
    old, signed = journal[at : at + 16], journal[at + 16 : at + 48]
    twice += old in entries
    entries[old] = signed
signed_of = {v: k for k, v in entries.items()}
other = unknown = new = 0
seen = {}
for path in sys.argv[3:]:
    der = open(path, "rb").read()
    f = fields(der)
    old_serial = path.rsplit("/", 1)[1].split(".")[0]
    serial = f[2][inside(f[2], 0)[0] :].hex().upper().lstrip("0")
    if serial == old_serial:
        continue
    new += 1
    old = hashlib.sha256(issuer + old_serial.encode()).digest()[:16]
    digest = hashlib.sha256(f[0]).digest()
    if old not in entries:
        unknown += 1
    elif entries[old] != digest or seen.setdefault(old_serial, digest) != digest:
        other += 1
print(f"counts {len(entries)} journalled, {new} on tokens")
print(f"verdict twice {twice} other {other} unknown {unknown}")
