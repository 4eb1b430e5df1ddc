/* The issuing of one renewal: reserve, sign, store. */
#pragma once

#include "service/issuing/reissue_job.h"

/* Judges and, if nothing is held against it, makes sure of a reservation, then of a certificate, in j->certificate, and
   of the answer that is kept with it. A refusal stands in j->refusal and in the audit. Other codes as reissue_run. */
MUST enum rc job_issue(struct job *j);
