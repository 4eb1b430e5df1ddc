/* capbu-driver: the process that a driver lives in, without all that capbu itself is linked with; a start costs little.
 */
#include <stdio.h>

#include "base/os.h"
#include "driver/driver_serve.h"

int main(int argc, char **argv) {
    os_guard();
    if (driver_is_host(argc, argv))
        return driver_serve(argv[2]);
    (void)fputs("capbu-driver is started by capbu\n", stderr);
    return 2;
}
