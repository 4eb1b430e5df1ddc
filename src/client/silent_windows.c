/* The console with its echo off, and put back by Ctrl-C and by the closing of its window. */
#include <stdio.h>
#include <windows.h>

#include "base/os.h"
#include "client/say.h"
#include "client/silent.h"

/* What the handler, which runs in a thread of its own, has to put back. */
static struct {
    HANDLE console;
    DWORD before;
} prompt;

static BOOL WINAPI on_signal(DWORD kind) {
    (void)kind;
    (void)SetConsoleMode(prompt.console, prompt.before);
    return FALSE; /* and then as always: the process ends */
}

/* A line as UTF-16 in a locked page, then as UTF-8 in the secret. */
static enum rc line_read(wchar_t *wide, struct secret *pin) {
    DWORD got = 0, most = (DWORD)(os_page_size() / sizeof *wide);
    AUTO(secret) fresh = {0};

    if (!ReadConsoleW(prompt.console, wide, most, &got, NULL))
        FAIL(RC_IO, "cannot read from the console");
    while (got > 0 && (wide[got - 1] == L'\n' || wide[got - 1] == L'\r'))
        got--;
    TRY(secret_open(&fresh, SECRET_MAX));
    int len = got == 0 ? 0 : WideCharToMultiByte(CP_UTF8, 0, wide, (int)got, fresh.text, SECRET_MAX, NULL, NULL);
    if (got > 0 && len <= 0)
        FAIL(RC_LIMIT, "longer than %d bytes", SECRET_MAX);
    fresh.text[len] = 0;
    fresh.len = (size_t)len;
    secret_free(pin);
    *pin = fresh;
    fresh = (struct secret){0};
    return RC_OK;
}

static enum rc page_read(struct secret *pin) {
    char *page = NULL;

    TRY(os_page_new(&page));
    enum rc rc = line_read((wchar_t *)(void *)page, pin);
    os_page_free(page);
    return rc;
}

enum rc silent_read(const struct options *o, enum say what, const char *label, struct secret *pin) {
    HANDLE console = CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                 OPEN_EXISTING, 0, NULL);

    if (console == INVALID_HANDLE_VALUE || !GetConsoleMode(console, &prompt.before)) {
        if (console != INVALID_HANDLE_VALUE)
            CloseHandle(console);
        FAIL(RC_USAGE, "there is no console to ask on: use %s",
             what == SAY_PIN ? "--pin-stdin or --pin-file" : "--proxy-password-file");
    }
    prompt.console = console;
    say_err(o->lang, what, label);
    (void)SetConsoleCtrlHandler(on_signal, TRUE);
    DWORD quiet = (prompt.before & ~(DWORD)ENABLE_ECHO_INPUT) | ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT;
    enum rc rc =
        SetConsoleMode(console, quiet) ? page_read(pin) : err_set(RC_IO, "the console's echo cannot be switched off");
    (void)SetConsoleMode(console, prompt.before);
    (void)SetConsoleCtrlHandler(on_signal, FALSE);
    CloseHandle(console);
    fputc('\n', stderr);
    return rc;
}
