/* The page at "/": what this server is, and what the programme has open today, in both languages. */
#include "server/app.h"
#include "server/ep.h"

static enum rc put_escaped(struct buf *out, const char *text) {
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            TRY(buf_add_str(out, "&lt;"));
            break;
        case '&':
            TRY(buf_add_str(out, "&amp;"));
            break;
        default:
            TRY(buf_add_char(out, *text));
        }
    }
    return RC_OK;
}

static enum rc put_head(struct buf *out, const struct site *s, int64_t now, const char *day) {
    TRY(buf_add_str(out, "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">"
                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>"));
    TRY(put_escaped(out, s->campaign.title));
    TRY(buf_add_str(out, "</title></head>\n<body><h1>"));
    TRY(put_escaped(out, s->campaign.title));
    TRY(buf_add_str(out, "</h1>\n<p>"));
    TRY(put_escaped(out, s->campaign.letter));
    TRY(buf_printf(out,
                   "</p>\n<p>Máy chủ cấp bù thời hạn chứng thư số. <span lang=\"en\">Server of the programme that "
                   "makes good the term of certificates.</span></p>\n<p>Hôm nay / "
                   "<span lang=\"en\">Today</span>: %s%s</p>\n",
                   day, s->conf.drill ? " (diễn tập / <span lang=\"en\">drill</span>)" : ""));
    if (day_of(now, s->campaign.utc_offset) > s->campaign.expiry_day)
        TRY(buf_add_str(out, "<p>Chương trình đã kết thúc. <span lang=\"en\">The programme has ended.</span></p>\n"));
    return RC_OK;
}

/* What is open for this device in any province; a phase may open some only. */
static struct opening opening_of(const struct site *site, const struct phase_switches *s, enum device d, int32_t day) {
    struct opening found = {.phase = -1, .opens_on = DAY_NONE};
    for (int32_t i = 0; i < site->provinces.count && !found.open; i++) {
        struct opening o = rollout_check(&site->campaign, s, d, site->provinces.of[i].code, day);
        if (o.open || (found.phase < 0 && o.phase >= 0))
            found = o;
    }
    return found;
}

static enum rc put_device(struct buf *out, const struct campaign *c, enum device d, const struct opening *o) {
    char day[DAY_TEXT] = "–";

    if (o->opens_on != DAY_NONE)
        day_format(o->opens_on, day);
    TRY(buf_printf(out, "<tr><td>%s</td><td>%s</td><td>%s</td><td>", device_name(d),
                   o->open ? "mở / open" : (o->halted ? "tạm dừng / halted" : "chưa mở / closed"), day));
    TRY(put_escaped(out, o->phase < 0 ? "–" : c->phases[o->phase].title));
    TRY(buf_add_str(out, "</td><td>"));
    for (int i = 0; i < CHANNEL_COUNT; i++)
        if ((o->channels >> i & 1) != 0)
            TRY(buf_printf(out, "%s ", channel_name((enum channel)i)));
    return buf_add_str(out, "</td></tr>\n");
}

static enum rc put_page(struct buf *out, const struct site *s, const struct phase_switches *switches, int64_t now) {
    const struct campaign *c = &s->campaign;
    int32_t today = day_of(now, c->utc_offset);
    char day[DAY_TEXT];

    day_format(today, day);
    TRY(put_head(out, s, now, day));
    TRY(buf_add_str(out, "<table><tr><th>Token</th><th>Hôm nay / Today</th><th>Từ ngày / From</th><th>Đợt / Phase</th>"
                         "<th>Kênh / Channels</th></tr>\n"));
    for (int d = DEVICE_V1; d < DEVICE_COUNT; d++) {
        struct opening o = opening_of(s, switches, (enum device)d, today);
        TRY(put_device(out, c, (enum device)d, &o));
    }
    TRY(buf_add_str(out, "</table>\n"));
    if (c->hotline[0] != '\0') {
        TRY(buf_add_str(out, "<p>Tổng đài / <span lang=\"en\">Hotline</span>: "));
        TRY(put_escaped(out, c->hotline));
        TRY(buf_add_str(out, "</p>\n"));
    }
    return buf_add_str(out, "<p><a href=\"/healthz\">healthz</a> · <a href=\"/readyz\">readyz</a> · "
                            "<a href=\"/metrics\">metrics</a></p>\n</body></html>\n");
}

struct switches_call {
    const struct campaign *campaign;
    struct phase_switches switches;
};

static enum rc read_switches(struct db *db, void *arg) {
    struct switches_call *call = arg;
    return phase_switches_get(db, call->campaign, &call->switches);
}

enum rc ep_page(struct request *q, struct response *r) {
    struct site *s = &q->app->site;
    struct switches_call call = {.campaign = &s->campaign};
    AUTO(buf) out = {0};

    TRY(store_read(s->store, read_switches, &call));
    TRY(put_page(&out, s, &call.switches, conf_now(&s->conf)));
    response_ok(r, "text/html; charset=utf-8", &out);
    response_header(r, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    return RC_OK;
}
