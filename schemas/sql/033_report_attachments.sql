-- 033_report_attachments.sql: what shows a report's measure, by digest.

ALTER TABLE track.report ADD COLUMN attachments text; -- JSON, as it was said
