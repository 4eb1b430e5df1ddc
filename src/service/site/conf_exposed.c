/* Refuses private keys and PIN files of an installation that others on the machine can read or change, and warns of
   what it believes and they can change. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "service/site/conf.h"
#include "store/db.h"

#define OTHERS (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)

static bool is_open(const char *path, mode_t to) {
    struct stat st;

    return path[0] != '\0' && stat(path, &st) == 0 && (st.st_mode & to) != 0; /* a pkcs11: URI is no file */
}

void conf_exposed(const struct conf *c, void (*take)(void *arg, const char *path), void *arg) {
    const char *secret[] = {c->ca_key, c->ca_pin_file, c->cmp_key,          c->cmp_pin_file,
                            c->tls,    c->devices_key, c->devices_pin_file, c->seal_key};

    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        if (is_open(secret[i], OTHERS))
            take(arg, secret[i]);
}

struct exposed {
    int count;
    struct buf list; /* with a space before each */
};

static void add(void *arg, const char *path) {
    struct exposed *e = arg;
    e->count++;
    if (buf_add_char(&e->list, ' ') != RC_OK || buf_add_str(&e->list, path) != RC_OK)
        buf_clear(&e->list); /* out of memory: the caller names none, and refuses nevertheless */
}

/* A folder's group may be a team's; who may write the folder can put another file in the place of any in it. */
void conf_open(const struct conf *c, void (*say)(void *arg, const char *text), void *arg) {
    char conf[PATH_CAP], text[PATH_CAP + 128];
    const struct {
        const char *path;
        mode_t to;
    } believed[] = {{c->dir, S_IWOTH},
                    {fs_join(conf, c->dir, CONF_NAME) == RC_OK ? conf : "", S_IWGRP | S_IWOTH},
                    {c->campaign, S_IWGRP | S_IWOTH},
                    {c->devices, S_IWGRP | S_IWOTH},
                    {db_is_file(c->database) ? c->database : "", S_IWGRP | S_IWOTH}};

    for (size_t i = 0; i < sizeof believed / sizeof believed[0]; i++) {
        if (!is_open(believed[i].path, believed[i].to))
            continue;
        (void)snprintf(text, sizeof text, "others can change what this installation believes: chmod %s-w %s",
                       believed[i].to == S_IWOTH ? "o" : "go", believed[i].path);
        say(arg, text);
    }
}

enum rc conf_kept(const struct conf *c) {
    struct exposed e = {0};

    conf_exposed(c, add, &e);
    AUTO(buf) list = e.list;
    if (e.count > 0)
        FAIL(RC_INPUT, "others can read or change a private key or PIN: chmod go=%s", buf_str(&list));
    return RC_OK;
}
