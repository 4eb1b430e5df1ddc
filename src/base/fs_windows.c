/* Files on Windows: writes that survive a crash at any point, folders, names in UTF-16. */
#include <fcntl.h>
#include <io.h>
#include <string.h>
#include <windows.h>

#include "base/fs_in.h"
#include "base/os.h"
#include "base/wide.h"

#define TEMPORARIES 100 /* names tried for a temporary file */
#define TRIES       20  /* while a virus scanner or an indexer holds a file that has just been written */
#define PAUSE_MS    25

static enum rc why(enum rc rc, const char *what, const char *path) {
    char text[WIDE_ERROR];

    wide_error(GetLastError(), text);
    FAIL(rc, "cannot %s %s: %s", what, path, text);
}

const char FS_LIST_MARK = ';';

enum rc fs_expand(const char *path, char out[PATH_CAP]) {
    wchar_t given[PATH_CAP], whole[PATH_CAP];

    TRY(wide_from(path, given, PATH_CAP));
    DWORD len = ExpandEnvironmentStringsW(given, whole, PATH_CAP);
    if (len == 0 || len > PATH_CAP)
        FAIL(RC_LIMIT, "path too long: %.60s...", path);
    return wide_to(whole, out, PATH_CAP);
}

static bool is_missing(void) {
    DWORD error = GetLastError();

    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND || error == ERROR_INVALID_NAME;
}

/* The file behind the handle, as everybody's functions take it; the handle is closed when that fails. */
static enum rc fd_from(HANDLE h, int flags, const char *path, int *out) {
    int fd = _open_osfhandle((intptr_t)h, flags | _O_BINARY | _O_NOINHERIT);

    if (fd < 0) {
        CloseHandle(h);
        FAIL(RC_IO, "cannot open %s: too many files", path);
    }
    *out = fd;
    return RC_OK;
}

enum rc fs_open(const char *path, int *out) {
    wchar_t wide[PATH_CAP];

    TRY(wide_from(path, wide, PATH_CAP));
    HANDLE h = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                           OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return why(is_missing() ? RC_NOT_FOUND : RC_IO, "open", path);
    if (GetFileType(h) != FILE_TYPE_DISK) { /* NUL, CON, COM1, \\.\pipe\… */
        CloseHandle(h);
        FAIL(RC_INPUT, "%s is not a regular file: name a file that holds it", path);
    }
    return fd_from(h, _O_RDONLY, path, out);
}

/* A file that is open to be shared with nobody. */
enum rc fs_lock(const char *path, int *out) {
    wchar_t wide[PATH_CAP];

    TRY(wide_from(path, wide, PATH_CAP));
    HANDLE h = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return why(GetLastError() == ERROR_SHARING_VIOLATION ? RC_BUSY : RC_IO, "lock", path);
    return fd_from(h, _O_RDWR, path, out);
}

static void handle_free(HANDLE *h) {
    if (*h != INVALID_HANDLE_VALUE)
        CloseHandle(*h);
    *h = INVALID_HANDLE_VALUE;
}
#define AUTO_HANDLE __attribute__((cleanup(handle_free))) HANDLE

/* A new file beside `path`; who may read it is inherited from the folder. */
static enum rc temporary_make(const wchar_t *path, wchar_t out[PATH_CAP + 16], HANDLE *h) {
    for (unsigned n = 0; n < TEMPORARIES; n++) {
        (void)_snwprintf(out, PATH_CAP + 16, L"%ls.%lx%02x", path, (unsigned long)GetCurrentProcessId(), n);
        *h = CreateFileW(out, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
        if (*h != INVALID_HANDLE_VALUE || GetLastError() != ERROR_FILE_EXISTS)
            break;
    }
    return *h == INVALID_HANDLE_VALUE ? RC_IO : RC_OK;
}

static bool fill(HANDLE h, struct span data) {
    DWORD put = 0;

    return WriteFile(h, data.ptr, (DWORD)data.len, &put, NULL) && put == data.len && FlushFileBuffers(h);
}

static bool publish(const wchar_t *temporary, const wchar_t *path, bool replace) {
    DWORD flags = MOVEFILE_WRITE_THROUGH | (replace ? MOVEFILE_REPLACE_EXISTING : 0);

    for (int i = 0; i < TRIES; i++) {
        if (MoveFileExW(temporary, path, flags))
            return true;
        DWORD error = GetLastError();
        if (error != ERROR_SHARING_VIOLATION && (error != ERROR_ACCESS_DENIED || !replace))
            return false;
        os_pause_ms(PAUSE_MS);
    }
    return false;
}

static enum rc write_whole(const char *path, struct span data, bool replace) {
    wchar_t wide[PATH_CAP], temporary[PATH_CAP + 16];
    AUTO_HANDLE h = INVALID_HANDLE_VALUE;

    if (data.len > UINT32_MAX)
        FAIL(RC_LIMIT, "too much for one file: %s", path);
    TRY(wide_from(path, wide, PATH_CAP));
    if (temporary_make(wide, temporary, &h) != RC_OK)
        return why(RC_IO, "make a file beside", path);
    bool done = fill(h, data);
    handle_free(&h);
    done = done && publish(temporary, wide, replace);
    if (done)
        return RC_OK;
    bool taken = GetLastError() == ERROR_ALREADY_EXISTS || GetLastError() == ERROR_FILE_EXISTS;
    enum rc rc = why(taken ? RC_EXISTS : RC_IO, "make", path);
    DeleteFileW(temporary);
    return rc;
}

enum rc fs_write(const char *path, struct span data, mode_t mode) {
    (void)mode;
    return write_whole(path, data, true);
}

enum rc fs_write_new(const char *path, struct span data, mode_t mode) {
    (void)mode;
    return write_whole(path, data, false);
}

/* Pipes and devices are no files of a folder here. */
enum rc fs_write_named(const char *path, struct span data, mode_t mode) {
    return fs_write(path, data, mode);
}

bool fs_is_stdout(const char *path) {
    return strcmp(path, "-") == 0;
}

static DWORD attributes(const char *path) {
    wchar_t wide[PATH_CAP];

    return wide_from(path, wide, PATH_CAP) == RC_OK ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
}

enum rc fs_make_one(const char *path, mode_t mode) {
    wchar_t wide[PATH_CAP];
    (void)mode;

    DWORD is = attributes(path);
    if (is != INVALID_FILE_ATTRIBUTES && (is & FILE_ATTRIBUTE_DIRECTORY) != 0)
        return RC_OK;
    TRY(wide_from(path, wide, PATH_CAP));
    if (!CreateDirectoryW(wide, NULL) && GetLastError() != ERROR_ALREADY_EXISTS)
        return why(RC_IO, "make folder", path);
    return RC_OK;
}

static bool identity(const char *path, BY_HANDLE_FILE_INFORMATION *out) {
    wchar_t wide[PATH_CAP];

    if (wide_from(path, wide, PATH_CAP) != RC_OK)
        return false;
    AUTO_HANDLE h = CreateFileW(wide, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS, NULL);
    return h != INVALID_HANDLE_VALUE && GetFileInformationByHandle(h, out);
}

bool fs_same(const char *a, const char *b) {
    BY_HANDLE_FILE_INFORMATION x, y;

    return identity(a, &x) && identity(b, &y) && x.dwVolumeSerialNumber == y.dwVolumeSerialNumber &&
           x.nFileIndexHigh == y.nFileIndexHigh && x.nFileIndexLow == y.nFileIndexLow;
}

bool fs_exists(const char *path) {
    return attributes(path) != INVALID_FILE_ATTRIBUTES;
}

bool fs_remove(const char *path) {
    wchar_t wide[PATH_CAP];

    return wide_from(path, wide, PATH_CAP) == RC_OK && DeleteFileW(wide);
}

void fs_each(const char *dir, int most, void (*take)(void *arg, const char *name), void *arg) {
    char pattern[PATH_CAP], name[PATH_CAP];
    wchar_t wide[PATH_CAP];
    WIN32_FIND_DATAW found;

    if (fs_join(pattern, dir, "*") != RC_OK || wide_from(pattern, wide, PATH_CAP) != RC_OK)
        return;
    HANDLE h = FindFirstFileW(wide, &found);
    if (h == INVALID_HANDLE_VALUE)
        return;
    for (int i = 0; i < most; i++) {
        if (wide_to(found.cFileName, name, PATH_CAP) == RC_OK)
            take(arg, name);
        if (!FindNextFileW(h, &found))
            break;
    }
    FindClose(h);
}
