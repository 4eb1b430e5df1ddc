/* Windows: a named pipe of one instance, CreateProcess with nothing inherited but its end, and a job that ends with us.
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#include "base/os.h"
#include "base/wide.h"
#include "driver/driver_child.h"

#define PIPE_NAME  64
#define PIPE_BYTES (64 * 1024)
#define LINE_CAP   (PATH_CAP + 64)
#define PATH_CAP   1024

static HANDLE handle(intptr_t number) {
    return (HANDLE)number;
}

static enum rc failed(const char *what) {
    char text[WIDE_ERROR];

    wide_error(GetLastError(), text);
    FAIL(RC_IO, "no process for the token's driver: %s: %s", what, text);
}

/* Our end waits with a limit, so it is overlapped; the child's is a plain file. Nobody else can get in between: there
   is one instance, and its only client is opened here. */
static enum rc pipe_make(HANDLE *ours, HANDLE *theirs) {
    static volatile LONG made;
    wchar_t name[PIPE_NAME];
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    DWORD mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE;

    (void)_snwprintf(name, PIPE_NAME, L"\\\\.\\pipe\\capbu-%lu-%ld-%llx", GetCurrentProcessId(),
                     InterlockedIncrement(&made), (unsigned long long)GetTickCount64());
    name[PIPE_NAME - 1] = L'\0';
    *ours = CreateNamedPipeW(name, mode, PIPE_TYPE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS, 1, PIPE_BYTES,
                             PIPE_BYTES, 0, NULL);
    if (*ours == INVALID_HANDLE_VALUE)
        return failed("CreateNamedPipe");
    *theirs = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, &inherited, OPEN_EXISTING, 0, NULL);
    if (*theirs == INVALID_HANDLE_VALUE) {
        (void)CloseHandle(*ours);
        return failed("CreateFile");
    }
    return RC_OK;
}

/* When the last handle of it is closed, by us or by our end, the child ends. */
static HANDLE job_make(void) {
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
                                                       JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION};
    HANDLE job = CreateJobObjectW(NULL, NULL);

    if (job != NULL)
        (void)SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    return job;
}

static BOOL create(wchar_t *line, const wchar_t *program, LPPROC_THREAD_ATTRIBUTE_LIST only, PROCESS_INFORMATION *out) {
    STARTUPINFOEXW start = {.StartupInfo.cb = sizeof start, .lpAttributeList = only};
    DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_NO_WINDOW | CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP;

    return CreateProcessW(program, line, NULL, NULL, TRUE, flags, NULL, NULL, &start.StartupInfo, out);
}

/* Only `way` is inherited, whatever else of ours could be. */
static BOOL create_with(wchar_t *line, const wchar_t *program, HANDLE way, PROCESS_INFORMATION *out) {
    SIZE_T size = 0;

    (void)InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    LPPROC_THREAD_ATTRIBUTE_LIST only = malloc(size);
    if (only == NULL || !InitializeProcThreadAttributeList(only, 1, 0, &size)) {
        free(only);
        return FALSE;
    }
    BOOL done = UpdateProcThreadAttribute(only, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &way, sizeof way, NULL, NULL) &&
                create(line, program, only, out);
    DeleteProcThreadAttributeList(only);
    free(only);
    return done;
}

static enum rc spawn(HANDLE way, struct child *c) {
    wchar_t program[PATH_CAP], line[LINE_CAP];
    PROCESS_INFORMATION p = {0};
    DWORD len = GetModuleFileNameW(NULL, program, PATH_CAP);

    if (len == 0 || len >= PATH_CAP)
        return failed("GetModuleFileName");
    (void)_snwprintf(line, LINE_CAP, L"\"%ls\" " CHILD_WORD " %llu", program, (unsigned long long)(uintptr_t)way);
    line[LINE_CAP - 1] = L'\0';
    if (!create_with(line, program, way, &p))
        return failed("CreateProcess");
    HANDLE job = job_make();
    if (job != NULL)
        (void)AssignProcessToJobObject(job, p.hProcess);
    (void)ResumeThread(p.hThread);
    (void)CloseHandle(p.hThread);
    c->process = (intptr_t)p.hProcess;
    c->job = (intptr_t)job;
    return RC_OK;
}

enum rc child_start(struct child *c) {
    struct child made = {0};
    HANDLE ours, theirs;

    TRY(pipe_make(&ours, &theirs));
    enum rc rc = spawn(theirs, &made);
    (void)CloseHandle(theirs);
    if (rc != RC_OK) {
        (void)CloseHandle(ours);
        return rc;
    }
    made.way = (intptr_t)ours;
    *c = made;
    return RC_OK;
}

static DWORD left_until(int64_t until) {
    int64_t left = until - os_clock_ms();

    return until == CHILD_NO_LIMIT ? INFINITE : left < 0 ? 0 : (DWORD)left;
}

/* One read or write that was begun; how many bytes it moved. */
static enum child_got finish(struct child *c, BOOL begun, OVERLAPPED *o, int64_t until, DWORD *moved) {
    if (!begun && GetLastError() != ERROR_IO_PENDING)
        return CHILD_GONE;
    bool late = WaitForSingleObject(o->hEvent, left_until(until)) != WAIT_OBJECT_0;
    if (late)
        (void)CancelIoEx(handle(c->way), o);
    if (!GetOverlappedResult(handle(c->way), o, moved, TRUE) || *moved == 0)
        return late ? CHILD_LATE : CHILD_GONE;
    return CHILD_FINE;
}

enum child_got child_send(struct child *c, struct span s, int64_t until) {
    OVERLAPPED o = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    enum child_got got = o.hEvent == NULL ? CHILD_GONE : CHILD_FINE;

    for (DWORD moved = 0; s.len > 0 && got == CHILD_FINE; s = span_of(s.ptr + moved, s.len - moved)) {
        BOOL begun = WriteFile(handle(c->way), s.ptr, (DWORD)s.len, NULL, &o);
        got = finish(c, begun, &o, until, &moved);
    }
    if (o.hEvent != NULL)
        (void)CloseHandle(o.hEvent);
    return got;
}

enum child_got child_receive(struct child *c, uint8_t *out, size_t len, int64_t until) {
    OVERLAPPED o = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    enum child_got got = o.hEvent == NULL ? CHILD_GONE : CHILD_FINE;

    for (DWORD moved = 0; len > 0 && got == CHILD_FINE; out += moved, len -= moved) {
        BOOL begun = ReadFile(handle(c->way), out, (DWORD)len, NULL, &o);
        got = finish(c, begun, &o, until, &moved);
    }
    if (o.hEvent != NULL)
        (void)CloseHandle(o.hEvent);
    return got;
}

/* The child reads an end, who waits here is called back. */
void child_hang_up(struct child *c) {
    (void)DisconnectNamedPipe(handle(c->way));
    (void)CancelIoEx(handle(c->way), NULL);
}

struct child_end child_reap(struct child *c, int ms) {
    struct child_end end = {0};
    DWORD status = 0;

    end.killed = WaitForSingleObject(handle(c->process), (DWORD)ms) != WAIT_OBJECT_0;
    if (end.killed)
        (void)TerminateProcess(handle(c->process), 1);
    (void)WaitForSingleObject(handle(c->process), INFINITE);
    (void)GetExitCodeProcess(handle(c->process), &status);
    (void)CloseHandle(handle(c->process));
    (void)CloseHandle(handle(c->way));
    if (c->job != 0)
        (void)CloseHandle(handle(c->job));
    *c = (struct child){0};
    end.crashed = status >= 0xC0000000; /* the number of an exception */
    end.peaceful = status == 0;
    (void)snprintf(end.how, sizeof end.how, end.crashed ? "0x%08lX" : "status %lu", (unsigned long)status);
    return end;
}

/* Without a console, standard streams lead nowhere already; a driver that opens some writes to them. */
enum rc child_enter(const char *word, int *fd) {
    char *end = NULL;
    unsigned long long number = strtoull(word, &end, 10);
    int got = *end != '\0' || number == 0 ? -1 : _open_osfhandle((intptr_t)number, _O_RDWR | _O_BINARY);

    if (got < 0)
        FAIL(RC_USAGE, CHILD_WORD " is for capbu itself");
    (void)freopen("NUL", "r", stdin);
    (void)freopen("NUL", "w", stdout);
    (void)freopen("NUL", "w", stderr);
    *fd = got;
    return RC_OK;
}
