/* Which of our two languages a caller reads best (RFC 9110 section 12.5.4). */
#pragma once

#include "service/texts.h"

/* From an Accept-Language value; "" and everything that names neither is Vietnamese. */
enum lang lang_from_header(const char *accept);
