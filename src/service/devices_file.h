/* devices.conf: the token models of a programme as data. Read whole or refused with file and line. */
#pragma once

#include "rules/facts.h"
#include "service/conf_reader.h"

struct device_model {
    char id[8]; /* "v1" .. "v6" */
    char about[96];
    char module_linux[96], module_macos[96], module_windows[96]; /* file names of its PKCS#11 module, "" unknown */
};

struct devices_file {
    struct device_model model[DEVICE_COUNT];
    int32_t count;
};

/* RC_INPUT, RC_LIMIT with "path:line: …"; RC_NOT_FOUND, RC_IO. */
MUST enum rc devices_file_load(const char *path, struct devices_file *out);
