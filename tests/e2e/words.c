/* Prints every screen of the page with its words in both languages, as JSON: what the page looks like can be looked at
   without tokens and servers. */
#include <stdio.h>

#include "base/jsonw.h"
#include "client/flow/flow.h"
#include "client/flow/flow_fill.h"

static void put(struct jsonw *w, const struct flow_fill *f, const char *key, const char *text) {
    AUTO(buf) whole = {0};

    if (flow_fill(f, text, &whole) == RC_OK)
        jsonw_str(w, key, buf_str(&whole));
}

static void put_screen(struct jsonw *w, enum screen s, enum lang lang) {
    const struct programme p = {.issuer = "Nhà cung cấp ABC", .branch = "điểm giao dịch của ABC"};
    const struct flow_fill f = {lang, &p, lang == LANG_EN ? "2020-04-01" : "01/04/2020", 6, 16};
    struct flow_view v = flow_view(s, lang);

    jsonw_object(w, NULL);
    jsonw_str(w, "screen", v.code);
    jsonw_str(w, "lang", lang_name(lang));
    jsonw_str(w, "mood", flow_mood_name(v.mood));
    jsonw_int(w, "stage", v.stage);
    jsonw_int(w, "bits", v.actions);
    jsonw_bool(w, "keep", v.keep);
    put(w, &f, "title", v.title);
    put(w, &f, "text", v.text);
    put(w, &f, "next", v.next);
    jsonw_close(w, '}');
}

int main(void) {
    AUTO(jsonw) w = {0};

    jsonw_array(&w, NULL);
    for (int s = 0; s < SCREEN_COUNT; s++)
        for (int lang = LANG_VI; lang <= LANG_EN; lang++)
            put_screen(&w, (enum screen)s, (enum lang)lang);
    jsonw_close(&w, ']');
    if (jsonw_end(&w) != RC_OK)
        return 1;
    puts(buf_str(&w.out));
    return 0;
}
