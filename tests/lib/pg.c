/* A PostgreSQL server for tests. Between the test and the server stands a keeper process on a leash (a pipe): it starts
 * the server, starts it again after pg_crash, and stops it and removes its folder when the test is gone. */
#include "lib/pg.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/tmp.h"
#include "store/db.h"

#define READY_S       60 /* a busy machine with slow disks; recovery after a crash is the longest */
#define READY_WAIT_MS 50
#define PORTS         5 /* another program may take the free port before the server has it: then another one */

struct place { /* what the keeper knows */
    char bin[PATH_CAP];
    uid_t uid; /* the user the server runs as; 0: this one */
    gid_t gid;
    struct tmp tmp;
    char port[8];
};

static enum rc find_programs(char bin[PATH_CAP]) {
    glob_t found;
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) != 0)
        FAIL(RC_NOT_FOUND, "PostgreSQL is not installed: no /usr/lib/postgresql/*/bin/initdb");
    enum rc rc = text_set(bin, PATH_CAP, found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    TRY(rc);
    *strrchr(bin, '/') = '\0';
    return RC_OK;
}

/* initdb refuses root. */
static enum rc find_user(struct place *p) {
    if (getuid() != 0)
        return RC_OK;
    struct passwd *pw = getpwnam("postgres");
    if (pw == NULL)
        FAIL(RC_NOT_FOUND, "PostgreSQL does not run as root and there is no user postgres");
    p->uid = pw->pw_uid;
    p->gid = pw->pw_gid;
    return RC_OK;
}

static int free_port(void) {
    AUTO_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        return 0;
    return ntohs(a.sin_port);
}

/* Becomes the ordinary user and the program; its output goes to a file in the folder. */
static void become(const struct place *p, const char **argv) {
    char path[PATH_CAP + 16];
    if (p->uid != 0 && (setgroups(0, NULL) != 0 || setgid(p->gid) != 0 || setuid(p->uid) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT); /* should the keeper be killed: stop at once */
    snprintf(path, sizeof path, "%s/log", p->tmp.dir);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (chdir(p->tmp.dir) != 0 || log < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(126);
    snprintf(path, sizeof path, "%s/%s", p->bin, argv[0]);
    argv[0] = path; /* by which initdb finds its fellows: they are not on everybody's PATH */
    execv(path, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static pid_t spawn(const struct place *p, const char **argv) {
    pid_t pid = fork();
    if (pid == 0)
        become(p, argv);
    return pid;
}

static bool make_cluster(const struct place *p) {
    const char *argv[] = {"initdb", "-D", "data", "--no-sync",        "-A", "trust", "-U",
                          "capbu",  "-E", "UTF8", "--locale=C.UTF-8", NULL};
    int status = -1;
    pid_t pid = spawn(p, argv);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static pid_t start_server(const struct place *p) {
    /* What is tried here is that we ask for durability and bear what fails, not PostgreSQL's disk. */
    const char *argv[] = {"postgres", "-D", "data", "-h", "127.0.0.1", "-p", p->port, "-k", p->tmp.dir,
                          /* clang-format off */
                          "-c", "max_connections=200", "-c", "fsync=off", "-c", "full_page_writes=off",
                          "-c", "shared_buffers=16MB", "-c", "autovacuum=off", "-c", "wal_level=minimal",
                          "-c", "max_wal_senders=0", NULL};
    /* clang-format on */
    return spawn(p, argv);
}

/* Has the server written that it takes connections? Then the port is its own. */
static bool is_ready(const char *dir) {
    char path[PATH_CAP + 32];
    AUTO(buf) text = {0};
    snprintf(path, sizeof path, "%s/data/postmaster.pid", dir);
    return fs_read(path, 4096, &text) == RC_OK && strstr(buf_str(&text), "ready") != NULL;
}

/* Lives until the leash is let go. A server that ends by itself is started again, unless it never came up. */
static void keep(struct place *p, int leash) {
    struct pollfd end = {.fd = leash, .events = POLLIN};
    int status;
    bool came_up = false;
    pid_t server = -1;
    signal(SIGINT, SIG_IGN); /* a Ctrl-C is for the test; the keeper follows it */
    if (make_cluster(p))
        server = start_server(p);
    while (server > 0 && poll(&end, 1, 20) == 0) {
        came_up = came_up || is_ready(p->tmp.dir);
        if (waitpid(server, &status, WNOHANG) == server)
            server = came_up ? start_server(p) : -1;
    }
    if (server > 0) {
        kill(server, SIGQUIT);
        waitpid(server, &status, 0);
    }
    tmp_free(&p->tmp);
    _exit(0);
}

void pg_dsn(const struct pg_server *pg, char out[PG_DSN]) {
    snprintf(out, PG_DSN, "postgresql://capbu@127.0.0.1:%d/postgres", pg->port);
}

static enum rc wait_ready(const struct pg_server *pg) {
    char dsn[PG_DSN];
    pg_dsn(pg, dsn);
    for (int ms = 0; ms < READY_S * 1000; ms += READY_WAIT_MS) {
        AUTO_PTR(db) db = NULL;
        if (waitpid(pg->keeper, NULL, WNOHANG) != 0)
            FAIL(RC_BUSY, "PostgreSQL did not start");
        if (is_ready(pg->dir) && db_open(dsn, &db) == RC_OK)
            return RC_OK;
        usleep(READY_WAIT_MS * 1000);
    }
    FAIL(RC_IO, "PostgreSQL is not ready within %d s", READY_S);
}

static enum rc start_at(struct place *p, struct pg_server *out) {
    struct pg_server started = {.port = free_port()};
    int ends[2];
    TRY(tmp_make(&p->tmp, "/tmp", "pg")); /* short: a socket's path has little room */
    if ((p->uid != 0 && chown(p->tmp.dir, p->uid, p->gid) != 0) || started.port == 0 || pipe2(ends, O_CLOEXEC) != 0)
        FAIL(RC_IO, "cannot prepare PostgreSQL: %s", strerror(errno));
    snprintf(p->port, sizeof p->port, "%d", started.port);
    started.keeper = fork();
    if (started.keeper == 0) {
        close(ends[1]);
        keep(p, ends[0]);
    }
    close(ends[0]);
    started.leash = ends[1];
    TRY(text_set(started.dir, sizeof started.dir, p->tmp.dir));
    enum rc rc = wait_ready(&started);
    if (rc != RC_OK)
        pg_stop(&started);
    else
        *out = started;
    return rc;
}

enum rc pg_start(struct pg_server *pg) {
    struct place p = {0};
    TRY(find_programs(p.bin));
    TRY(find_user(&p));
    enum rc rc = RC_BUSY;
    for (int tries = 0; tries < PORTS && rc == RC_BUSY; tries++)
        rc = start_at(&p, pg);
    return rc;
}

void pg_stop(struct pg_server *pg) {
    if (pg->keeper <= 0)
        return;
    close(pg->leash);
    waitpid(pg->keeper, NULL, 0);
    pg->keeper = 0;
}

enum rc pg_fresh(const struct pg_server *pg, char out[PG_DSN]) {
    static int n;
    char dsn[PG_DSN];
    AUTO(buf) sql = {0};
    AUTO_PTR(db) db = NULL;
    pg_dsn(pg, dsn);
    TRY(db_open(dsn, &db));
    TRY(buf_printf(&sql, "CREATE SCHEMA fresh_%d", ++n));
    TRY(db_script(db, buf_str(&sql)));
    snprintf(out, PG_DSN, "postgresql://capbu@127.0.0.1:%d/postgres?options=-csearch_path%%3Dfresh_%d", pg->port, n);
    return RC_OK;
}

static enum rc server_pid(const struct pg_server *pg, pid_t *out) {
    char path[PATH_CAP + 32];
    AUTO(buf) text = {0};
    snprintf(path, sizeof path, "%s/data/postmaster.pid", pg->dir);
    TRY(fs_read(path, 4096, &text));
    *out = (pid_t)strtol(buf_str(&text), NULL, 10);
    if (*out <= 1)
        FAIL(RC_IO, "PostgreSQL's pid cannot be read");
    return RC_OK;
}

/* The server's own children: each connection has one. */
enum rc pg_freeze(const struct pg_server *pg, bool frozen) {
    int sign = frozen ? SIGSTOP : SIGCONT;
    char path[64];
    AUTO(buf) text = {0};
    pid_t pid;
    TRY(server_pid(pg, &pid));
    if (kill(pid, sign) != 0) /* first: a frozen one starts no more of them */
        FAIL(RC_IO, "cannot freeze PostgreSQL");
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    TRY(fs_read(path, 65536, &text));
    for (const char *at = buf_str(&text);;) {
        char *end;
        long child = strtol(at, &end, 10);
        if (end == at)
            return RC_OK;
        (void)kill((pid_t)child, sign);
        at = end;
    }
}

/* SIGQUIT is the server's immediate shutdown: no checkpoint, recovery at the next start. */
enum rc pg_crash(const struct pg_server *pg) {
    pid_t pid;
    TRY(server_pid(pg, &pid));
    if (kill(pid, SIGQUIT) != 0)
        FAIL(RC_IO, "cannot stop PostgreSQL");
    while (kill(pid, 0) == 0)
        usleep(1000);
    return wait_ready(pg); /* the file is written anew: what it says is of the next server */
}
