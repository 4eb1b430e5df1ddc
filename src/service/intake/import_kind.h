/* Names a file that is no CSV for what it is: what people have when they mean to import, told with how to export it. */
#pragma once

#include "base/err.h"

/* RC_INPUT: a workbook, a PDF, a page, something packed, by its first bytes, whatever it is called. Where `fd` stands
   does not change. */
MUST enum rc kind_check(int fd);
