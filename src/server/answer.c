/* What every JSON answer has in common. */
#include "server/answer.h"

#include "base/day.h"

enum rc answer_json(struct response *r, struct jsonw *w) {
    TRY(jsonw_end(w));
    response_ok(r, "application/json", &w->out);
    return RC_OK;
}

void answer_day(struct jsonw *w, const char *key, int32_t day) {
    char text[DAY_TEXT] = "";
    if (day != DAY_NONE)
        day_format(day, text);
    jsonw_text(w, key, text);
}
