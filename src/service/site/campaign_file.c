/* Reads a campaign file by the table of its keys, and checks that what it says can be. */
#include "service/site/campaign_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/day.h"
#include "base/hex.h"

#define SIZE_OF(type, field) sizeof(((struct type *)NULL)->field)
#define TEXT(type, key, field, least, absent)                                                                          \
    {                                                                                                                  \
        .name = (key), .kind = CONF_TEXT, .offset = offsetof(struct type, field), .cap = SIZE_OF(type, field),         \
        .min = (least), .fallback = (absent)                                                                           \
    }
#define DAY(type, key, field)                                                                                          \
    { .name = (key), .kind = CONF_DAY, .offset = offsetof(struct type, field) }
#define WORDS(type, key, field, reader, absent)                                                                        \
    {                                                                                                                  \
        .name = (key), .kind = CONF_WORDS, .offset = offsetof(struct type, field), .word = (reader),                   \
        .fallback = (absent)                                                                                           \
    }
#define CHOICE(key, field, words)                                                                                      \
    { .name = (key), .kind = CONF_CHOICE, .offset = offsetof(struct campaign, field), .choices = (words) }

/* Each in the order of its enum. */
static const char *const connection_day_words[] = {"refuse", "accept", NULL};
static const char *const beyond_words[] = {"hold", "cut", NULL};
static const char *const key_words[] = {"same", "new-allowed", NULL};
static const char *const unattended_words[] = {"allow", "refuse", NULL};
static const char *const implicit_words[] = {"refuse", "allow", NULL};
static const char *const old_certificate_words[] = {"keep", "remove-allowed", NULL};

/* Sets one bit of a set; a word given twice is a slip of the pen. */
static bool add_bit(void *field, int bit) {
    uint32_t *set = field, mask = UINT32_C(1) << bit;
    bool fresh = (*set & mask) == 0;
    *set |= mask;
    return fresh;
}

static bool device_word(const char *word, void *field) {
    enum device d;
    return device_from(word, &d) && add_bit(field, (int)d);
}

static bool channel_word(const char *word, void *field) {
    enum channel c;
    return channel_from(word, &c) && add_bit(field, (int)c);
}

/* A word's reader gets no argument: the list that the reading under way knows, NULL for any code. */
static const struct provinces *known_provinces;

/* R3.1 */
static bool province_word(const char *word, void *field) {
    struct province_set *set = field, before = *set;
    uint8_t code;
    if (known_provinces == NULL ? !province_code(word, &code) : !province_from(known_provinces, word, &code))
        return false;
    province_put(set, code);
    return memcmp(&before, set, sizeof before) != 0;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* +HH:MM or -HH:MM, to 14:59. */
static bool offset_word(const char *word, void *field) {
    int32_t *offset = field;
    if (strlen(word) != 6 || (word[0] != '+' && word[0] != '-') || word[3] != ':')
        return false;
    if (!is_digit(word[1]) || !is_digit(word[2]) || !is_digit(word[4]) || !is_digit(word[5]))
        return false;
    int32_t hours = (word[1] - '0') * 10 + (word[2] - '0');
    int32_t minutes = (word[4] - '0') * 10 + (word[5] - '0');
    if (hours > 14 || minutes > 59)
        return false;
    *offset = (hours * 60 + minutes) * (word[0] == '-' ? -60 : 60);
    return true;
}

static bool key_word(const char *word, void *field) {
    struct issuer_key *key = field;
    size_t len = sizeof key->id;
    if (key->len != 0 || hex_from(word, key->id, &len) != RC_OK)
        return false;
    key->len = (uint8_t)len;
    return true;
}

static const struct conf_key file_keys[] = {
    TEXT(campaign, "id", id, 1, NULL),
    TEXT(campaign, "title", title, 1, NULL),
    TEXT(campaign, "letter", letter, 1, NULL),
    WORDS(campaign, "old_issuer_key", old_issuer, key_word, ""),
    WORDS(campaign, "utc_offset", utc_offset, offset_word, NULL),
    DAY(campaign, "expiry_day", expiry_day),
    DAY(campaign, "connection_day", connection_day),
    CHOICE("connection_day_policy", connection_day_policy, connection_day_words),
    {.name = "min_key_bits",
     .kind = CONF_INT,
     .offset = offsetof(struct campaign, min_key_bits),
     .min = 1024,
     .max = 8192},
    {.name = "backdate_seconds",
     .kind = CONF_INT,
     .offset = offsetof(struct campaign, backdate),
     .min = 0,
     .max = DAY_SECONDS,
     .fallback = "3600"},
    {.name = "change_guard",
     .kind = CONF_INT,
     .offset = offsetof(struct campaign, change_guard),
     .min = 0,
     .max = 100,
     .fallback = "10"},
    CHOICE("beyond_new_ca", beyond, beyond_words),
    CHOICE("key", key, key_words),
    CHOICE("old_certificate", old_certificate, old_certificate_words),
    {.name = "unattended",
     .kind = CONF_CHOICE,
     .offset = offsetof(struct campaign, unattended),
     .choices = unattended_words,
     .fallback = "allow"},
    {.name = "implicit_confirm",
     .kind = CONF_CHOICE,
     .offset = offsetof(struct campaign, implicit_confirm),
     .choices = implicit_words,
     .fallback = "refuse"},
    {.name = "revoke_superseded", .kind = CONF_BOOL, .offset = offsetof(struct campaign, revoke_superseded)},
    TEXT(campaign, "ocsp_url", ocsp_url, 0, ""),
    TEXT(campaign, "crl_url", crl_url, 0, ""),
    TEXT(campaign, "hotline", hotline, 1, NULL),
    TEXT(campaign, "issuer_name", issuer_name, 0, ""),
    TEXT(campaign, "branch", branch, 0, ""),
    TEXT(campaign, "provinces", province_file, 1, CAMPAIGN_PROVINCES_NAME),
    {.name = NULL},
};

static const struct conf_key phase_keys[] = {
    TEXT(phase, "title", title, 1, NULL),
    TEXT(phase, "clause", clause, 0, ""),
    DAY(phase, "from", from),
    DAY(phase, "to", to),
    WORDS(phase, "devices", devices, device_word, NULL),
    WORDS(phase, "channels", channels, channel_word, NULL),
    WORDS(phase, "provinces", provinces, province_word, ""), /* R3.1: none named = all */
    {.name = NULL},
};

static const struct conf_key goal_keys[] = {
    TEXT(goal, "clause", clause, 0, ""),
    DAY(goal, "by", by),
    WORDS(goal, "devices", devices, device_word, NULL),
    {.name = "percent", .kind = CONF_INT, .offset = offsetof(struct goal, percent), .min = 1, .max = 100},
    {.name = NULL},
};

/* Ids go into URLs, columns and commands. */
static enum rc check_id(const char *id) {
    if (id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
        FAIL(RC_INPUT, "the id \"%s\" may have a-z, 0-9 and - only", id);
    return RC_OK;
}

static enum rc check_phase(const void *element) {
    const struct phase *p = element;
    TRY(check_id(p->id));
    if (p->from > p->to)
        FAIL(RC_INPUT, "it ends before it begins: from must not lie after to");
    if (p->devices == 0 || p->channels == 0)
        FAIL(RC_INPUT, "it opens nothing: devices and channels must each name one at least");
    return RC_OK;
}

static enum rc check_goal(const void *element) {
    const struct goal *g = element;
    TRY(check_id(g->id));
    if (g->devices == 0)
        FAIL(RC_INPUT, "devices must name one at least");
    return RC_OK;
}

/* It goes into certificates as IA5String (RFC 5280 4.2.1.13), so ASCII only. */
static enum rc check_url(const char *url) {
    if (url[0] == '\0')
        return RC_OK;
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        FAIL(RC_INPUT, "a URL begins with http:// or https://, not \"%.60s\"", url);
    for (const char *at = url; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~')
            FAIL(RC_INPUT, "a URL has neither blanks nor letters beyond ASCII: \"%.60s\"", url);
    }
    return RC_OK;
}

/* It is copied together with the campaign file. */
static enum rc check_beside(const char *name) {
    if (strchr(name, '/') != NULL || name[0] == '.')
        FAIL(RC_INPUT, "the list of provinces lies beside this file: a name without folder, not \"%.60s\"", name);
    return RC_OK;
}

static enum rc check_file(const void *file, const char **key) {
    const struct campaign *c = file;
    *key = "id";
    TRY(check_id(c->id));
    *key = "connection_day";
    if (c->connection_day >= c->expiry_day)
        FAIL(RC_INPUT, "connection_day must lie before expiry_day");
    *key = "ocsp_url";
    TRY(check_url(c->ocsp_url));
    *key = "crl_url";
    TRY(check_url(c->crl_url));
    *key = "provinces";
    TRY(check_beside(c->province_file));
    *key = NULL;
    if (c->phase_count == 0)
        FAIL(RC_INPUT, "there is no phase, so nothing would ever open: add phase \"...\" { ... }");
    return RC_OK;
}

static const struct conf_section sections[] = {
    {.name = "phase",
     .keys = phase_keys,
     .offset = offsetof(struct campaign, phases),
     .size = sizeof(struct phase),
     .count_offset = offsetof(struct campaign, phase_count),
     .max = CAMPAIGN_PHASES,
     .title_offset = offsetof(struct phase, id),
     .title_cap = SIZE_OF(phase, id),
     .check = check_phase},
    {.name = "goal",
     .keys = goal_keys,
     .offset = offsetof(struct campaign, goals),
     .size = sizeof(struct goal),
     .count_offset = offsetof(struct campaign, goal_count),
     .max = CAMPAIGN_GOALS,
     .title_offset = offsetof(struct goal, id),
     .title_cap = SIZE_OF(goal, id),
     .check = check_goal},
    {.name = NULL},
};

static const struct conf_layout layout = {.keys = file_keys, .sections = sections, .check = check_file};

enum rc campaign_file_parse(const char *name, struct span text, const struct provinces *known, struct campaign *out) {
    struct campaign c = {0};
    known_provinces = known;
    enum rc rc = conf_parse(&layout, name, text, &c);
    known_provinces = NULL;
    if (rc == RC_OK)
        *out = c;
    return rc;
}

enum rc campaign_file_provinces(const char *path, const struct campaign *c, char out[PATH_CAP]) {
    size_t folder = (size_t)(fs_base_name(path) - path);
    AUTO(buf) whole = {0};
    TRY(buf_add(&whole, path, folder));
    TRY(buf_add_str(&whole, c->province_file));
    return text_set(out, PATH_CAP, buf_str(&whole));
}

static enum rc read_provinces(const char *path, struct buf *text, struct provinces *out) {
    TRY(fs_read(path, PROVINCE_FILE_LIMIT, text));
    return provinces_parse(path, buf_span(text), out);
}

/* The first reading of the campaign tells where the provinces are; by the second every code in it is known. */
enum rc campaign_file_load(const char *path, struct campaign *out, struct provinces *provinces, struct sha256 *hash) {
    struct campaign c;
    struct provinces p;
    char beside[PATH_CAP];
    AUTO(buf) text = {0};
    AUTO(buf) list = {0};
    TRY(fs_read(path, CAMPAIGN_FILE_LIMIT, &text));
    TRY(campaign_file_parse(path, buf_span(&text), NULL, &c));
    TRY(campaign_file_provinces(path, &c, beside));
    enum rc rc = read_provinces(beside, &list, &p);
    if (rc == RC_NOT_FOUND)
        return err_in(rc, "%s: the list of provinces that it names is not there", path);
    TRY(rc);
    TRY(campaign_file_parse(path, buf_span(&text), &p, &c));
    *hash = sha256_of2(buf_span(&text), buf_span(&list));
    *provinces = p;
    *out = c;
    return RC_OK;
}

bool campaign_file_means(const struct campaign *c, struct span old_ski) {
    return c->old_issuer.len == 0 || span_eq(old_ski, span_of(c->old_issuer.id, c->old_issuer.len));
}
