/* What a failure means, in Vietnamese: inside, errors speak English and name file and line; an operator reads what is
   wrong and what to do first, and the exact text behind it. */
#pragma once

/* NULL: this text has none. */
const char *gloss_of(const char *text);
