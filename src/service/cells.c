/* Makes the cells that may be empty. */
#include "service/cells.h"

void cell_instant(int64_t instant, char out[INSTANT_TEXT]) {
    out[0] = '\0';
    if (instant != INSTANT_NONE)
        instant_format(instant, out);
}
