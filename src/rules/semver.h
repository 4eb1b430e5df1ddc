/* Versions of the program, as SemVer 2.0.0 orders them; "1.2" stands for "1.2.0". */
#pragma once

#include <stdbool.h>

#define SEMVER_CAP 33 /* a version with its NUL */

/* One to three numbers of at most 9 digits without leading zeros, a pre-release, a build; at most 32 characters. */
bool semver_ok(const char *text);

/* Is `version` before `least`? "" as `least` is before everything; a version that cannot be read is before every one
   that can. Builds do not count. */
bool semver_older(const char *version, const char *least);
