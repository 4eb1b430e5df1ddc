/* Reads token models from JSON, built in or signed. */
#include "client/token/devices.h"

#include <string.h>

#include "base/day.h"
#include "base/fs.h"
#include "client/net/json.h"
#include "pki/cms.h"

#define KIND "capbu-devices" /* no other signed document of the programme's can be taken for one */

/* Made from conf/devices.conf by tools/devices-json.c. */
extern const unsigned char devices_builtin_json[];
extern const size_t devices_builtin_json_len;

static enum rc lists_read(const struct json *j, const char *key, char *out, size_t cap, size_t stride) {
    const struct json *by_platform = json_object_at(j, key);

    for (int p = 0; p < PLATFORM_COUNT && by_platform != NULL; p++)
        TRY(json_join(by_platform, platform_name((enum platform)p), ";", out + (size_t)p * stride, cap));
    return RC_OK;
}

static enum rc recognise_read(const struct json *j, struct device_model *m) {
    const struct json *r = json_object_at(j, "recognise");

    if (r == NULL)
        return RC_OK;
    TRY(text_set(m->module, sizeof m->module, json_text(r, "module")));
    TRY(text_set(m->label, sizeof m->label, json_text(r, "label")));
    TRY(text_set(m->manufacturer, sizeof m->manufacturer, json_text(r, "manufacturer")));
    TRY(text_set(m->model, sizeof m->model, json_text(r, "model")));
    return text_set(m->firmware, sizeof m->firmware, json_text(r, "firmware"));
}

static int choice(const struct json *j, const char *key, const char *const *names, int careful) {
    int at = device_choice(names, json_text(j, key));
    return at < 0 ? careful : at;
}

static enum rc ways_read(const struct json *j, struct device_model *m) {
    char quirks[512];
    const char *list = quirks, *item;
    char name[64];

    (void)device_from(json_text(j, "code"), &m->code);
    m->write = (enum device_write)choice(j, "write", device_write_names, WRITE_SAME_ID);
    m->full = (enum device_full)choice(j, "when_full", device_full_names, FULL_STOP);
    m->old = (enum device_old)choice(j, "old_certificate", device_old_names, DEVICE_OLD_KEEP);
    TRY(json_join(j, "quirks", ";", quirks, sizeof quirks));
    for (size_t len; (len = device_next(&list, &item)) > 0;)
        if (text_set_span(name, sizeof name, span_of(item, len)) == RC_OK)
            (void)device_quirk_from(name, &m->quirks);
    return RC_OK;
}

static enum rc model_read(const struct json *j, struct device_model *m) {
    TRY(text_set(m->id, sizeof m->id, json_text(j, "id")));
    TRY(text_set(m->about, sizeof m->about, json_text(j, "about")));
    TRY(lists_read(j, "files", m->files[0], sizeof m->files[0], sizeof m->files[0]));
    TRY(recognise_read(j, m));
    TRY(ways_read(j, m));
    const char *fault = device_model_fault(m);
    if (fault != NULL)
        FAIL(RC_INPUT, "%s", fault);
    return RC_OK;
}

static enum rc model_add(void *arg, const struct json *j) {
    struct devices *d = arg;

    if (d->count == DEVICE_MODELS)
        FAIL(RC_LIMIT, "more than %d devices", DEVICE_MODELS);
    struct device_model *m = &d->model[d->count];
    *m = (struct device_model){0};
    enum rc rc = model_read(j, m);
    if (rc != RC_OK)
        return err_in(rc, "device %d", (int)d->count + 1);
    d->count++;
    return RC_OK;
}

static enum rc devices_fill(const struct json *j, struct devices *d) {
    TRY(lists_read(j, "folders", d->folders[0], sizeof d->folders[0], sizeof d->folders[0]));
    TRY(json_each(j, "devices", model_add, d));
    const char *fault = devices_fault(d);
    if (fault != NULL)
        FAIL(RC_INPUT, "%s", fault);
    return RC_OK;
}

static enum rc head_read(const struct json *j, struct known_devices *k) {
    if (strcmp(json_text(j, "kind"), KIND) != 0)
        FAIL(RC_INPUT, "the document is no list of token models");
    k->version = json_int(j, "version");
    if (k->version < 1)
        FAIL(RC_INPUT, "the list of token models has no version");
    TRY(instant_parse(json_text(j, "issued"), &k->issued));
    return instant_parse(json_text(j, "expires"), &k->expires);
}

enum rc devices_read(struct span text, struct known_devices *out) {
    AUTO_PTR(json) j = NULL;
    static _Thread_local struct known_devices k; /* 64 KiB: large for a stack */

    k = (struct known_devices){0};
    TRY(json_open(text, &j));
    TRY(head_read(j, &k));
    TRY(devices_fill(j, &k.devices));
    *out = k;
    return RC_OK;
}

enum rc devices_builtin(struct known_devices *out) {
    AUTO_PTR(json) j = NULL;

    *out = (struct known_devices){0};
    TRY(json_open(span_of(devices_builtin_json, devices_builtin_json_len), &j));
    return devices_fill(j, &out->devices);
}

enum rc devices_open(struct span publication, struct span anchor, int64_t now, struct known_devices *out) {
    AUTO_PTR(ca) ca = NULL;
    struct cms cms;
    struct cert signer;
    char end[INSTANT_TEXT];

    if (publication.len > PUBLICATION_LIMIT)
        FAIL(RC_LIMIT, "a list of token models of %zu bytes; at most %d", publication.len, PUBLICATION_LIMIT);
    TRY(ca_open(anchor, &ca));
    TRY(cms_verify(publication, ca, &cms));
    TRY(cert_parse(cms.signer, &signer));
    if (!cms_may_publish(&signer))
        FAIL(RC_CRYPTO, "the signer's certificate may not sign token models");
    TRY(devices_read(cms.content, out));
    if (now < out->expires)
        return RC_OK;
    instant_format(out->expires, end);
    FAIL(RC_REFUSED, "the list of token models, version %lld, expired on %s", (long long)out->version, end);
}

const struct device_model *devices_of_token(const struct devices *d, const struct p11_token *t) {
    const struct device_facts f = {fs_base_name(t->module->path), t->label, t->manufacturer, t->model, t->firmware};

    return devices_match(d, PLATFORM_HERE, &f);
}
