/* Frees what was kept (declared in pki/cmp/cmp_keep.h). */
#include "pki/cmp/cmp_keep.h"

void cmp_keep_free(struct cmp_keep *k) {
    buf_free(&k->receipt);
    buf_free(&k->secret);
}
