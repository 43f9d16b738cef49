-- The variant of queue_jobs that also keeps a job's start, end and attempts.

alter table queue_jobs
    add column iniciado_en timestamptz,
    add column completado_en timestamptz,
    add column intentos integer not null default 0;
