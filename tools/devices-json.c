/* Build tool: conf/devices.conf as the JSON that is built into capbu. `devices-json in out`. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/jsonw.h"
#include "service/site/devices_file.h"

static enum rc convert(const char *in, const char *out) {
    static struct devices d;
    AUTO(jsonw) w = {0};

    TRY(devices_file_load(in, &d, NULL));
    jsonw_object(&w, NULL);
    devices_file_write(&w, &d);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return fs_write(out, buf_span(&w.out), 0644);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: devices-json in out\n");
        return 2;
    }
    if (convert(argv[1], argv[2]) == RC_OK)
        return 0;
    fprintf(stderr, "%s\n", err_text());
    return 1;
}
