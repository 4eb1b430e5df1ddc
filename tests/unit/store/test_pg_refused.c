/* What a PostgreSQL server says to a connection that it does not take, whatever language it speaks. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/must.h"
#include "store/db.h"

struct says {
    const char *severity, *state, *text;
};

struct server {
    int fd;
    struct says says;
};

/* ErrorResponse of protocol 3.0: fields of a letter and a string, and a NUL behind the last. */
static void answer(int fd, const struct says *s) {
    char start[4096], body[512];
    if (read(fd, start, sizeof start) <= 0)
        return;
    int len = snprintf(body, sizeof body, "E....S%s%cC%s%cM%s%c", s->severity, 0, s->state, 0, s->text, 0) + 1;
    uint32_t told = htonl((uint32_t)len - 1);
    memcpy(body + 1, &told, sizeof told);
    (void)!write(fd, body, (size_t)len);
}

static void *serve(void *arg) {
    const struct server *s = arg;
    for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0; close(fd))
        answer(fd, &s->says);
    return NULL;
}

static enum rc try_to_open(struct says says) {
    struct server s = {socket(AF_INET, SOCK_STREAM, 0), says};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    pthread_t thread;
    char dsn[160];
    struct db *db = NULL;
    assert_int_equal(bind(s.fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s.fd, 8), 0);
    assert_int_equal(getsockname(s.fd, (struct sockaddr *)&at, &size), 0);
    assert_int_equal(pthread_create(&thread, NULL, serve, &s), 0);
    (void)snprintf(dsn, sizeof dsn, "host=127.0.0.1 port=%d user=x dbname=x sslmode=disable gssencmode=disable",
                   ntohs(at.sin_port));
    enum rc rc = db_open(dsn, &db);
    shutdown(s.fd, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(s.fd);
    assert_null(db);
    return rc;
}

static void a_refusal_is_told_in_any_language(void **state) {
    static const struct says refusals[] = {
        {"FATAL", "28P01", "password authentication failed for user \"x\""},
        {"SCHWERWIEGEND", "28P01", "Passwort-Authentifizierung für Benutzer »x« fehlgeschlagen"},
        {"NGHIÊM TRỌNG", "3D000", "cơ sở dữ liệu \"x\" không tồn tại"},
        {"ВАЖНО", "28000", "в pg_hba.conf нет записи"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        MUST_FAIL(RC_DB, try_to_open(refusals[i]));
        assert_non_null(strstr(err_text(), "the server refuses this connection"));
        assert_non_null(strstr(err_text(), refusals[i].text));
    }
}

static void what_passes_is_tried_again_in_any_language(void **state) {
    static const struct says passing[] = {
        {"FATAL", "57P03", "the database system is starting up"},
        {"SCHWERWIEGEND", "57P03", "das Datenbanksystem startet"},
        {"NGHIÊM TRỌNG", "57P01", "đang dừng:  28P01"},
        {"SCHWERWIEGEND", "53300", "tut mir leid, schon zu viele Verbindungen"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        MUST_FAIL(RC_BUSY, try_to_open(passing[i]));
        assert_non_null(strstr(err_text(), passing[i].text));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_is_told_in_any_language),
        cmocka_unit_test(what_passes_is_tried_again_in_any_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
