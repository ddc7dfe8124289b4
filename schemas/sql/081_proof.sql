-- 081_proof.sql: which message was the last one that was folded.
--
-- A topic that somebody deleted and made anew may hold more messages than the
-- old one did: its offsets alone do not tell. A take-over reads the message
-- before next_offset again and compares. NULL, or an offset that is not the
-- one before: nothing is known.

ALTER TABLE log.consumer ADD COLUMN last_offset bigint,
                         ADD COLUMN last_digest bytea;
