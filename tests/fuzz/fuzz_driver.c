/* What the process of a driver that was taken over may answer: no call writes beyond the room it was given. The first
   byte chooses the call, the rest is the answer behind its head. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver/driver_calls.h"
#include "fuzz/fuzz.h"

#define GUARD 0x5a

static struct driver_host host;

static void wire_up(enum driver_op op, struct span answer, int *far) {
    static bool begun;
    uint8_t head[WIRE_HEAD];
    int ends[2];

    require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    if (!begun)
        host_init(&host);
    begun = true;
    host.alive = true;
    host.final = true;
    host.child = (struct child){.way = ends[0], .process = -1};
    host.numbers = 1;
    memset(host.sessions, 0, sizeof host.sessions);
    host.sessions[0] = (struct host_session){1, 7};
    wire_head(op, answer.len, head);
    require(write(ends[1], head, sizeof head) == (ssize_t)sizeof head);
    require(answer.len == 0 || write(ends[1], answer.ptr, answer.len) == (ssize_t)answer.len);
    require(shutdown(ends[1], SHUT_WR) == 0);
    *far = ends[1];
}

static void guarded(const uint8_t *at, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        require(at[i] == GUARD);
}

static void read_attributes(void) {
    uint8_t room[128];
    memset(room, GUARD, sizeof room);
    CK_ATTRIBUTE a[] = {{CKA_ID, room, 16}, {CKA_VALUE, room + 32, 64}, {CKA_LABEL, NULL, 0}};
    (void)calls_read(&host, 1, 5, a, 3);
    guarded(room, 16, 32);
    guarded(room, 96, sizeof room);
}

static void list(enum driver_op op) {
    CK_ULONG out[8], count = 4;
    memset(out, GUARD, sizeof out);
    if (op == OP_SLOTS)
        (void)calls_slots(&host, CK_TRUE, out, &count);
    else
        (void)calls_find(&host, 1, out, 4, &count);
    guarded((const uint8_t *)out, 4 * sizeof out[0], sizeof out);
}

static void sign(void) {
    uint8_t out[64], data[] = "data";
    CK_ULONG len = 32;
    memset(out, GUARD, sizeof out);
    (void)calls_sign(&host, 1, data, sizeof data, out, &len);
    guarded(out, 32, sizeof out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum driver_op ops[] = {OP_READ, OP_SLOTS, OP_FIND, OP_SIGN, OP_TOKEN_INFO, OP_SESSION_OPEN};
    CK_TOKEN_INFO info;
    CK_SESSION_HANDLE session = 0;
    int far;

    if (size == 0 || size > WIRE_MAX / 2)
        return 0;
    enum driver_op op = ops[data[0] % (sizeof ops / sizeof ops[0])];
    wire_up(op, span_of(data + 1, size - 1), &far);
    if (op == OP_READ)
        read_attributes();
    else if (op == OP_SLOTS || op == OP_FIND)
        list(op);
    else if (op == OP_SIGN)
        sign();
    else if (op == OP_TOKEN_INFO)
        (void)calls_token_info(&host, 1, &info);
    else
        (void)calls_session_open(&host, 1, 0, &session);
    if (host.alive)
        (void)close((int)host.child.way);
    (void)close(far);
    return 0;
}
