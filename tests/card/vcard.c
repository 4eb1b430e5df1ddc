/* vcard: puts the virtual card into pcscd's virtual reader (vpcd's TCP protocol), keeps its memory in a file, and takes
   the power away where a test wants it. The process is the card's power: when it ends the card is out of the reader.

     vcard MEMORY [--log FILE] [--cut before:N|after:N|torn:N]    until SIGTERM; 3: cut at the N-th writing command
     vcard MEMORY --show                                          the tries left and the number of files */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "card/chip.h"

#define VPCD_PORT   35963
#define MESSAGE_CAP 65536
enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, GIVE_ATR = 4 };
enum { STATUS_USAGE = 2, STATUS_CUT = 3, STATUS_NO_READER = 4, STATUS_DISK = 5 };
enum cut { CUT_NEVER, CUT_BEFORE, CUT_AFTER, CUT_TORN };

static const uint8_t ATR[] = {0x3b, 0x80, 0x80, 0x01, 0x01}; /* T=0 and T=1 */

static struct {
    const char *memory;
    FILE *log;
    enum cut cut;
    unsigned long cut_at, writes;
    struct chip chip;
} v;

static void memory_save(const struct chip *c) {
    char fresh[4096];

    int n = snprintf(fresh, sizeof fresh, "%s.new", v.memory);
    FILE *f = n > 0 && (size_t)n < sizeof fresh ? fopen(fresh, "wb") : NULL;
    if (f == NULL || fwrite(&c->memory, sizeof c->memory, 1, f) != 1 || fclose(f) != 0 ||
        rename(fresh, v.memory) != 0) {
        perror("vcard: its memory cannot be written");
        _exit(STATUS_DISK);
    }
}

/* No file: a new card. */
static bool memory_load(void) {
    FILE *f = fopen(v.memory, "rb");

    chip_new(&v.chip);
    v.chip.save = memory_save;
    if (f == NULL)
        return true;
    bool fine = fread(&v.chip.memory, sizeof v.chip.memory, 1, f) == 1 && chip_usable(&v.chip.memory);
    fclose(f);
    return fine;
}

static int connect_once(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(VPCD_PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int reader_connect(void) {
    for (int i = 0; i < 500; i++) {
        int fd = connect_once(), on = 1;
        if (fd >= 0) { /* else every command waits 40 ms for an acknowledgement */
            (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return fd;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    fputs("vcard: no reader on vpcd's port\n", stderr);
    return -1;
}

static bool take(int fd, uint8_t *to, size_t len) {
    int on = 1;

    while (len > 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on); /* the kernel forgets it */
        ssize_t n = read(fd, to, len);
        if (n <= 0)
            return false;
        to += n;
        len -= (size_t)n;
    }
    return true;
}

static bool message_take(int fd, uint8_t *to, size_t *len) {
    uint8_t head[2];

    if (!take(fd, head, 2))
        return false;
    *len = (size_t)(head[0] << 8 | head[1]);
    return take(fd, to, *len);
}

static bool message_give(int fd, const uint8_t *bytes, size_t len) {
    uint8_t out[2 + 258];

    out[0] = (uint8_t)(len >> 8);
    out[1] = (uint8_t)len;
    memcpy(out + 2, bytes, len);
    return write(fd, out, 2 + len) == (ssize_t)(2 + len);
}

static void power_lost(void) {
    if (v.log != NULL)
        fclose(v.log);
    _exit(STATUS_CUT);
}

/* Half of the bytes of an update arrive in the memory. */
static void tear(const struct apdu *a) {
    uint8_t out[258];
    struct apdu half = *a;

    half.lc = a->lc / 2;
    if (a->ins == 0xd6 && half.lc > 0)
        (void)chip_run(&v.chip, &half, out);
    power_lost();
}

static size_t command_run(const struct apdu *a, uint8_t *out) {
    bool here = apdu_writes(a) && ++v.writes == v.cut_at;

    if (here && v.cut == CUT_BEFORE)
        power_lost();
    if (here && v.cut == CUT_TORN)
        tear(a);
    size_t n = chip_run(&v.chip, a, out);
    if (apdu_writes(a) && v.log != NULL) {
        fprintf(v.log, "%lu ins %02x p1p2 %02x%02x lc %zu sw %02x%02x", v.writes, a->ins, a->p1, a->p2, a->lc,
                out[n - 2], out[n - 1]);
        fprintf(v.log, " file %04x\n", v.chip.ef == CHIP_NONE ? 0 : v.chip.memory.file[v.chip.ef].fid);
        fflush(v.log);
    }
    if (here && v.cut == CUT_AFTER)
        power_lost();
    return n;
}

static bool message_answer(int fd, const uint8_t *bytes, size_t len) {
    uint8_t out[258] = {SW_WRONG_LENGTH >> 8, SW_WRONG_LENGTH & 0xff};
    struct apdu a;

    if (len == 1 && bytes[0] == GIVE_ATR)
        return message_give(fd, ATR, sizeof ATR);
    if (len == 1) { /* off, on, reset: no answer */
        chip_reset(&v.chip);
        return true;
    }
    return message_give(fd, out, apdu_parse(bytes, len, &a) ? command_run(&a, out) : 2);
}

static bool cut_parse(const char *text) {
    static const char *const kind[] = {[CUT_BEFORE] = "before:", [CUT_AFTER] = "after:", [CUT_TORN] = "torn:"};

    for (enum cut k = CUT_BEFORE; k <= CUT_TORN; k++) {
        size_t n = strlen(kind[k]);
        if (strncmp(text, kind[k], n) != 0)
            continue;
        v.cut = k;
        v.cut_at = strtoul(text + n, NULL, 10);
        return v.cut_at > 0;
    }
    return false;
}

static int show(void) {
    int files = 0;

    for (int i = 0; i < CHIP_FILES_MAX; i++)
        files += v.chip.memory.file[i].used;
    printf("pin %d puk %d files %d\n", v.chip.memory.pin.tries, v.chip.memory.puk.tries, files);
    return 0;
}

static int insert(void) {
    static uint8_t message[MESSAGE_CAP];
    size_t len;
    int fd = reader_connect();

    if (fd < 0)
        return STATUS_NO_READER;
    while (message_take(fd, message, &len) && message_answer(fd, message, len)) {
    }
    return 0;
}

int main(int argc, char **argv) {
    bool only_show = false, fine = argc >= 2;

    (void)signal(SIGPIPE, SIG_IGN);
    for (int i = 2; i < argc && fine; i++) {
        if (strcmp(argv[i], "--show") == 0)
            only_show = true;
        else if (strcmp(argv[i], "--log") == 0 && ++i < argc)
            fine = (v.log = fopen(argv[i], "w")) != NULL;
        else if (strcmp(argv[i], "--cut") == 0 && ++i < argc)
            fine = cut_parse(argv[i]);
        else
            fine = false;
    }
    if (!fine) {
        fputs("usage: vcard MEMORY [--show] [--log FILE] [--cut before:N|after:N|torn:N]\n", stderr);
        return STATUS_USAGE;
    }
    v.memory = argv[1];
    if (!memory_load()) {
        fprintf(stderr, "vcard: %s is no card's memory\n", v.memory);
        return STATUS_DISK;
    }
    return only_show ? show() : insert();
}
