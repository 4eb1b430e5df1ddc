/* Cuts a target at "?", "&" and "=" first and decodes afterwards, so that an encoded one never cuts. */
#include "server/http/target.h"

#include <string.h>
#include <strings.h>

static int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What is no "%" with two digits stays as it is. false: there is a NUL in it. */
static bool decode(char *text, bool plus) {
    char *to = text;
    bool good = true;

    for (const char *from = text; *from != '\0'; from++) {
        int high = *from == '%' ? digit(from[1]) : -1, low = high < 0 ? -1 : digit(from[2]);
        char c = plus && *from == '+' ? ' ' : *from;
        if (low >= 0) {
            c = (char)(high << 4 | low);
            from += 2;
        }
        good &= c != '\0';
        *to++ = c;
    }
    *to = '\0';
    return good;
}

/* Of a whole address what comes behind "http://" or "https://": a client's library may not know that we speak TLS. */
static char *authority_of(char *target) {
    static const char *const schemes[] = {"https://", "http://"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strncasecmp(target, schemes[i], strlen(schemes[i])) == 0)
            return target + strlen(schemes[i]);
    return NULL;
}

/* A server accepts a whole address in place of a path (RFC 9112, 3.2.2): ours, and for the host that is named. */
static char *path_of(char *target, const char *host, bool *good) {
    char *authority = authority_of(target);

    if (target[0] == '/' || strstr(target, "://") == NULL)
        return target;
    *good = authority != NULL;
    if (!*good)
        return target;
    size_t len = strcspn(authority, "/");
    *good = len > 0 && len == strlen(host) && strncasecmp(authority, host, len) == 0;
    if (authority[len] == '/')
        return authority + len;
    target[0] = '/';
    target[1] = '\0';
    return target;
}

static void add(struct request *q, char *name) {
    char *value = strchr(name, '=');

    if (value == NULL)
        value = name + strlen(name);
    else
        *value++ = '\0';
    q->query_bad |= !decode(name, true) || !decode(value, true);
    for (int i = 0; i < q->query_count; i++)
        q->query_bad |= strcmp(q->query[i].name, name) == 0;
    q->query[q->query_count++] = (struct query_arg){name, value};
}

void target_read(char *target, const char *host, struct request *q) {
    char *rest = strchr(target, '?'), *name;

    if (rest != NULL)
        *rest++ = '\0';
    while ((name = strsep(&rest, "&")) != NULL) {
        if (*name == '\0')
            continue;
        if (q->query_count == QUERY_MAX) {
            q->query_bad = true;
            break;
        }
        add(q, name);
    }
    bool ours = true;
    char *path = path_of(target, host, &ours);
    q->head_bad |= !decode(path, false) || !ours;
    q->path = path;
}
