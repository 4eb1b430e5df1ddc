/* The functions of PKCS#11 know no "which driver": each driver's process gets a function list of its own. */
#pragma once

#include "driver/driver_host.h"

#define DRIVERS_MAX 32

/* The process of that number, to be started; it lives as long as this program. RC_LIMIT: no memory. */
MUST enum rc table_host(ptrdiff_t number, struct driver_host **out);
CK_FUNCTION_LIST *table_list(ptrdiff_t number);
