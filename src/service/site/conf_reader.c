/* Drives libconfuse by a table of keys and fills a plain struct: the only file that includes confuse.h. */
#include "service/site/conf_reader.h"

#include <confuse.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "service/site/conf_text.h"
#include "service/site/conf_value.h"

/* libconfuse hands no argument to its callbacks, so the reading under way stands here. */
static struct reading {
    const struct conf_layout *layout;
    const char *name;
    char *out;
    cfg_t *root;
    const struct conf_section *section; /* the one being filled, NULL outside */
    char *element;
    uint64_t seen_file, seen_section; /* bit (1 << place of the key) */
    int line[CONF_KEYS];              /* of the file's keys, by place */
    enum rc rc;
} now;

static void failed(enum rc rc, int line) {
    if (now.rc == RC_OK)
        now.rc = err_in(rc == RC_OK ? RC_BUG : rc, "%s:%d", now.name, line);
}

__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *format, va_list args) {
    char text[256];
    vsnprintf(text, sizeof text, format, args);
    if (now.rc == RC_OK)
        failed(err_set(RC_INPUT, "%s", text), cfg->line);
}

/* A key's place in its table: it is there, for libconfuse knows no other names, and checks name only their own. */
static size_t place(const struct conf_key *keys, const char *name) {
    size_t i = 0;
    while (strcmp(keys[i].name, name) != 0)
        i++;
    return i;
}

static enum rc take(const struct conf_key *keys, const char *name, const char *value, char *base, uint64_t *seen) {
    size_t i = place(keys, name);
    if ((*seen & (UINT64_C(1) << i)) != 0)
        FAIL(RC_INPUT, "%s is given twice", name);
    *seen |= UINT64_C(1) << i;
    return conf_value_set(&keys[i], value, base);
}

/* The keys that did not come: their fallback, or a complaint. */
static enum rc complete(const struct conf_key *keys, char *base, uint64_t seen) {
    for (size_t i = 0; keys[i].name != NULL; i++) {
        if ((seen & (UINT64_C(1) << i)) != 0)
            continue;
        if (keys[i].fallback == NULL)
            FAIL(RC_INPUT, "%s is missing", keys[i].name);
        TRY(conf_value_set(&keys[i], keys[i].fallback, base));
    }
    return RC_OK;
}

/* Begins a section's element, unless it is begun: an empty section is first heard of at its end. */
static enum rc begin(const char *name, const char *title) {
    if (now.section != NULL)
        return RC_OK;
    const struct conf_section *s = now.layout->sections;
    while (strcmp(s->name, name) != 0)
        s++;
    int32_t *count = (int32_t *)(void *)(now.out + s->count_offset);
    if (*count >= s->max)
        FAIL(RC_LIMIT, "more than %d sections %s", s->max, s->name);
    char *element = now.out + s->offset + (size_t)*count * s->size;
    if (*title == '\0' || text_set(element + s->title_offset, s->title_cap, title) != RC_OK)
        FAIL(RC_INPUT, "the title of %s must have 1 to %zu bytes", s->name, s->title_cap - 1);
    (*count)++;
    now.section = s;
    now.element = element;
    now.seen_section = 0;
    return RC_OK;
}

static enum rc end(const char *name, const char *title) {
    TRY(begin(name, title));
    const struct conf_section *s = now.section;
    now.section = NULL;
    enum rc rc = complete(s->keys, now.element, now.seen_section);
    if (rc == RC_OK && s->check != NULL)
        rc = s->check(now.element);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s %s", s->name, title);
}

/* libconfuse calls this after each value, and after each section. */
static int on_value(cfg_t *cfg, cfg_opt_t *opt) {
    enum rc rc;
    if (opt->type == CFGT_SEC) {
        rc = end(opt->name, cfg_title(cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1)));
    } else if (cfg == now.root) {
        now.line[place(now.layout->keys, opt->name)] = cfg->line;
        rc = take(now.layout->keys, opt->name, cfg_opt_getstr(opt), now.out, &now.seen_file);
    } else {
        rc = begin(cfg_name(cfg), cfg_title(cfg));
        if (rc == RC_OK)
            rc = take(now.section->keys, opt->name, cfg_opt_getstr(opt), now.element, &now.seen_section);
    }
    if (rc != RC_OK)
        failed(rc, cfg->line);
    return rc == RC_OK ? 0 : -1;
}

static size_t describe(const struct conf_key *keys, cfg_opt_t *opts) {
    size_t n = 0;
    for (; keys[n].name != NULL; n++) {
        opts[n] = (cfg_opt_t)CFG_STR(keys[n].name, NULL, CFGF_NODEFAULT);
        opts[n].validcb = on_value;
    }
    opts[n] = (cfg_opt_t)CFG_END();
    return n;
}

struct options {
    cfg_opt_t file[CONF_KEYS + CONF_SECTIONS + 1];
    cfg_opt_t section[CONF_SECTIONS][CONF_KEYS + 1];
};

static void describe_all(const struct conf_layout *layout, struct options *o) {
    size_t n = describe(layout->keys, o->file);
    for (size_t i = 0; layout->sections != NULL && layout->sections[i].name != NULL; i++) {
        describe(layout->sections[i].keys, o->section[i]);
        o->file[n] =
            (cfg_opt_t)CFG_SEC(layout->sections[i].name, o->section[i], CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
        o->file[n++].validcb = on_value;
    }
    o->file[n] = (cfg_opt_t)CFG_END();
}

/* The file as a whole: nothing missing, and its parts agree. */
static enum rc judge(void) {
    const char *key = NULL;
    enum rc rc = complete(now.layout->keys, now.out, now.seen_file);
    if (rc == RC_OK && now.layout->check != NULL)
        rc = now.layout->check(now.out, &key);
    int line = key == NULL ? 0 : now.line[place(now.layout->keys, key)];
    if (rc != RC_OK && line != 0)
        return err_in(rc, "%s:%d", now.name, line);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", now.name);
}

static enum rc run(struct span text) {
    AUTO_FILE in = fmemopen((void *)(uintptr_t)text.ptr, text.len, "r");
    if (in == NULL)
        FAIL(RC_IO, "%s: cannot be read from memory", now.name);
    int result = cfg_parse_fp(now.root, in);
    if (now.rc != RC_OK)
        return now.rc;
    if (result != CFG_SUCCESS)
        FAIL(RC_INPUT, "%s:%d: cannot be read", now.name, now.root->line);
    return judge();
}

enum rc conf_parse(const struct conf_layout *layout, const char *name, struct span text, void *out) {
    AUTO(buf) clean = {0};
    struct options options;
    if (text.len > CONF_FILE_LIMIT)
        FAIL(RC_LIMIT, "%s: larger than %d bytes", name, CONF_FILE_LIMIT);
    TRY(conf_text_clean(name, text, &clean));
    TRY(buf_add_char(&clean, '\n')); /* so that it is never empty, which fmemopen refuses */
    describe_all(layout, &options);
    now = (struct reading){.layout = layout, .name = name, .out = out, .root = cfg_init(options.file, CFGF_NONE)};
    if (now.root == NULL)
        FAIL(RC_LIMIT, "%s: out of memory", name);
    cfg_set_error_function(now.root, on_error);
    enum rc rc = run(buf_span(&clean));
    cfg_free(now.root);
    now = (struct reading){0};
    return rc;
}

enum rc conf_read(const struct conf_layout *layout, const char *path, void *out, struct buf *text) {
    AUTO(buf) bytes = {0};
    TRY(fs_read(path, CONF_FILE_LIMIT, &bytes));
    TRY(conf_parse(layout, path, buf_span(&bytes), out));
    if (text != NULL)
        TRY(buf_add_span(text, buf_span(&bytes)));
    return RC_OK;
}
