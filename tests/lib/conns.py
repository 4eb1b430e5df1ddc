"""Many TLS connections to one server, for tests in shell: conns.py PORT COUNT SECONDS FROM... opens COUNT for each address FROM, each after
one request, says "held N", holds them for SECONDS, and says "open N" of those that the server kept. With FROM in the form silent:ADDRESS nothing is
sent, not even a handshake."""
import socket
import ssl
import sys
import time

port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
held = []


def open_one(source):
    kind, _, address = source.rpartition(':')
    plain = socket.create_connection(('127.0.0.1', port), 20, (address, 0))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if kind == 'silent':
        return plain
    s = tls.wrap_socket(plain)
    s.sendall(b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    while b'"ok"' not in s.recv(4096):
        pass
    return s


def is_open(s):
    raw = socket.socket(fileno=socket.dup(s.fileno()))
    raw.setblocking(False)
    try:
        while True:
            if raw.recv(4096) == b'':
                return False
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        raw.close()


for i in range(count):
    for source in sys.argv[4:]:
        try:
            held.append(open_one(source))
        except OSError:
            pass
print('held', len(held), flush=True)
time.sleep(seconds)
print('open', sum(map(is_open, held)), flush=True)
