/* Loading PKCS#11 modules: one C_Initialize a library however many paths or callers open it. */
#include "p11/module.h"

#include <pthread.h>
#include <string.h>

#include "p11/load.h"

#define MODULES_MAX 32

/* The loader gives the same handle for the same library under any path, so the handle tells whether it is open. */
struct loaded {
    void *handle; /* NULL: free place */
    unsigned users;
    bool ours; /* we called C_Initialize, so we may call C_Finalize */
    bool one_thread;
};

static struct loaded loaded[MODULES_MAX];
static pthread_mutex_t loaded_lock = PTHREAD_MUTEX_INITIALIZER;

/* Every function this layer calls without looking. */
static bool complete(const CK_FUNCTION_LIST *fn) {
    return fn->C_Initialize && fn->C_Finalize && fn->C_GetSlotList && fn->C_GetTokenInfo && fn->C_OpenSession &&
           fn->C_CloseSession && fn->C_Login && fn->C_CreateObject && fn->C_DestroyObject && fn->C_GetAttributeValue &&
           fn->C_SetAttributeValue && fn->C_FindObjectsInit && fn->C_FindObjects && fn->C_FindObjectsFinal &&
           fn->C_SignInit && fn->C_Sign;
}

static enum rc function_list(void *handle, const char *path, CK_FUNCTION_LIST **out) {
    CK_C_GetFunctionList get = (CK_C_GetFunctionList)load_symbol(handle, "C_GetFunctionList");
    if (get == NULL)
        FAIL(RC_TOKEN, "%s is not a PKCS#11 module: it has no C_GetFunctionList", path);
    CK_FUNCTION_LIST *fn = NULL;
    TRY(p11_check(get(&fn), "C_GetFunctionList"));
    if (fn == NULL || fn->version.major < 2 || fn->version.major > 3 || !complete(fn))
        FAIL(RC_TOKEN, "%s gives no complete PKCS#11 2.x function list", path);
    *out = fn;
    return RC_OK;
}

static enum rc initialize(const CK_FUNCTION_LIST *fn, struct loaded *l) {
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
    CK_RV rv = fn->C_Initialize(&args);
    l->one_thread = rv == CKR_CANT_LOCK || rv == CKR_ARGUMENTS_BAD; /* an old module: usable, by one thread */
    if (l->one_thread)
        rv = fn->C_Initialize(NULL);
    l->ours = rv == CKR_OK;
    return rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? RC_OK : p11_check(rv, "C_Initialize");
}

/* Called with the lock held. */
static enum rc enter(struct p11_module *m, const char *path) {
    struct loaded *free_place = NULL;
    TRY(function_list(m->handle, path, &m->fn));
    for (size_t i = 0; i < MODULES_MAX; i++) {
        if (loaded[i].handle == m->handle) {
            loaded[i].users++;
            m->one_thread = loaded[i].one_thread;
            return RC_OK;
        }
        if (loaded[i].handle == NULL && free_place == NULL)
            free_place = &loaded[i];
    }
    if (free_place == NULL)
        FAIL(RC_LIMIT, "more than %d PKCS#11 modules at once", MODULES_MAX);
    struct loaded fresh = {.handle = m->handle, .users = 1};
    TRY(initialize(m->fn, &fresh));
    *free_place = fresh;
    m->one_thread = fresh.one_thread;
    return RC_OK;
}

enum rc p11_module_open(struct p11_module *m, const char *path) {
    struct p11_module opened = {0};
    TRY(text_set(opened.path, sizeof opened.path, path));
    TRY(load_open(path, &opened.handle));
    pthread_mutex_lock(&loaded_lock);
    enum rc rc = enter(&opened, path);
    pthread_mutex_unlock(&loaded_lock);
    if (rc != RC_OK) {
        load_close(opened.handle);
        return err_in(rc, "%s", path);
    }
    *m = opened;
    return RC_OK;
}

void p11_module_free(struct p11_module *m) {
    if (m->fn == NULL)
        return;
    if (m->end != NULL) {
        m->end(m);
        *m = (struct p11_module){0};
        return;
    }
    pthread_mutex_lock(&loaded_lock);
    for (size_t i = 0; i < MODULES_MAX; i++) {
        if (loaded[i].handle != m->handle)
            continue;
        if (--loaded[i].users == 0) {
            if (loaded[i].ours)
                (void)m->fn->C_Finalize(NULL);
            loaded[i] = (struct loaded){0};
        }
        break;
    }
    pthread_mutex_unlock(&loaded_lock);
    load_close(m->handle);
    *m = (struct p11_module){0};
}
