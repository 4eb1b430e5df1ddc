/* For which machine a Windows library was made: read from its head before it is loaded. */
#pragma once

#include "base/buf.h"

#define PE_HEAD 4096 /* bytes of the file that are enough */

enum pe_machine { PE_X86 = 0x014c, PE_X86_64 = 0x8664, PE_ARM64 = 0xaa64 };

/* The machine's number, whatever it is. RC_INPUT: no Windows library. */
MUST enum rc pe_machine(struct span head, unsigned *machine);
