/* A certificate's base64 as people paste it: in several lines, with blanks, or as PEM. */
#pragma once

#include "base/buf.h"

/* Appends the DER. RC_INPUT: it is no base64 without its blanks and its PEM lines either. */
MUST enum rc pem_from(struct span cell, struct buf *der);
