/* The loader of Windows, which would say of a 32-bit library only that it is "not a valid application". */
#include <unistd.h>
#include <windows.h>

#include "base/fs.h"
#include "base/wide.h"
#include "p11/load.h"
#include "p11/pe.h"

/* Where a driver's own libraries are looked for: neither in the working folder, nor in PATH, nor beside capbu.exe. */
#define BESIDE_OR_SYSTEM (LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32)

static enum rc head_read(const char *path, uint8_t head[PE_HEAD], size_t *len) {
    AUTO_FD fd = -1;

    TRY(fs_open(path, &fd));
    size_t n = 0;
    for (int got = 1; n < PE_HEAD && got > 0; n += (size_t)got) {
        got = (int)read(fd, head + n, (unsigned)(PE_HEAD - n));
        if (got < 0)
            FAIL(RC_IO, "cannot read %s", path);
    }
    *len = n;
    return RC_OK;
}

static enum rc machine_check(const char *path) {
    uint8_t head[PE_HEAD];
    size_t len = 0;
    unsigned machine = 0;

    TRY(head_read(path, head, &len));
    if (pe_machine(span_of(head, len), &machine) != RC_OK)
        return err_in(RC_TOKEN, "%s", path);
    if (machine == PE_X86)
        FAIL(RC_TOKEN, "%s: a 32-bit driver; this program needs the 64-bit one (in System32)", path);
    if (machine != PE_X86_64)
        FAIL(RC_TOKEN, "%s: a driver for another machine (0x%04x)", path, machine);
    return RC_OK;
}

/* Not from the folder in which somebody happens to be. */
static bool is_whole(const char *path) {
    bool drive = path[0] != '\0' && path[1] == ':' && (path[2] == '/' || path[2] == '\\');

    return drive || path[0] == '/' || path[0] == '\\';
}

enum rc load_open(const char *path, void **handle) {
    wchar_t given[PATH_CAP], whole[PATH_CAP];
    char text[WIDE_ERROR];

    if (!is_whole(path))
        FAIL(RC_TOKEN, "%s: a driver is named with its whole path", path);
    if (!fs_exists(path))
        FAIL(RC_NOT_FOUND, "cannot load the PKCS#11 module %s: there is no such file", path);
    TRY(machine_check(path));
    TRY(wide_from(path, given, PATH_CAP));
    DWORD len = GetFullPathNameW(given, PATH_CAP, whole, NULL);
    if (len == 0 || len >= PATH_CAP)
        FAIL(RC_LIMIT, "path too long: %.60s...", path);
    HMODULE opened = LoadLibraryExW(whole, NULL, BESIDE_OR_SYSTEM);
    if (opened == NULL && GetLastError() == ERROR_INVALID_PARAMETER) /* Windows 7 without its updates */
        opened = LoadLibraryExW(whole, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (opened == NULL) {
        wide_error(GetLastError(), text);
        FAIL(RC_TOKEN, "cannot load the PKCS#11 module %s: %s", path, text);
    }
    *handle = opened;
    return RC_OK;
}

/* Stays loaded: a driver may have left something with the system that is called at the process's end, or in a thread of
   its own, when its code would be gone. */
void load_close(void *handle) {
    (void)handle;
}

void (*load_symbol(void *handle, const char *name))(void) {
    return (void (*)(void))GetProcAddress(handle, name);
}
