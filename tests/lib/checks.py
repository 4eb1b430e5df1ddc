"""Many callers of one server, for tests in shell: checks.py PORT COUNT SECONDS BODY FROM... has COUNT callers at each address FROM, says "held N"
when all are connected, and then each POSTs the file BODY to /api/v1/check again and again for SECONDS, a pause of half a second after each 503. At
the end it says how often which status came: "503 812"."""
import collections
import http.client
import ssl
import sys
import threading
import time

port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
with open(sys.argv[4], 'rb') as f:
    body = f.read()
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
seen = collections.Counter()
lock, start = threading.Lock(), threading.Event()


def connected(source):
    c = http.client.HTTPSConnection('127.0.0.1', port, timeout=30, source_address=(source, 0), context=tls)
    c.connect()
    c.request('GET', '/healthz')
    c.getresponse().read()
    return c


def call(c):
    start.wait()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            c.request('POST', '/api/v1/check', body, {'Content-Type': 'application/json'})
            answer = c.getresponse()
            answer.read()
            status = str(answer.status)
        except (OSError, http.client.HTTPException):
            c.close()
            status = 'none'
        with lock:
            seen[status] += 1
        if status != '200':
            time.sleep(0.5)


threading.stack_size(256 * 1024)
threads = [threading.Thread(target=call, args=(connected(source),)) for _ in range(count) for source in sys.argv[5:]]
for thread in threads:
    thread.start()
print('held', len(threads), flush=True)
start.set()
for thread in threads:
    thread.join()
for status, times in seen.items():
    print(status, times, flush=True)
