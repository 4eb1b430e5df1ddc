-- Why a phase was opened or halted, beside the decision; the audit has all of them.
ALTER TABLE phase_switch ADD COLUMN why TEXT NOT NULL DEFAULT '';
