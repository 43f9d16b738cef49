-- HV-Consultores' tables, with the columns that its operations manual names.

create table queue_jobs (
    id bigint generated always as identity primary key,
    tipo text not null,
    estado text not null default 'pending'
        check (estado in ('pending', 'processing', 'completed', 'failed')),
    creado_en timestamptz not null default now(),
    proxima_tentativa timestamptz default now(),
    error text,
    datos jsonb not null default '{}'
);

-- The index that the manual recommends.
create index queue_jobs_pendientes on queue_jobs (estado, proxima_tentativa)
    where estado = 'pending';

create table scheduled_jobs (
    id bigint generated always as identity primary key,
    tipo text not null,
    cada interval not null,
    proxima_ejecucion timestamptz not null
);

insert into scheduled_jobs (tipo, cada, proxima_ejecucion) values
    ('report', '1 minute', now() + '20 seconds'),
    ('report', '24 hours', now() + '7 hours'),
    ('email', '24 hours', now() + '13 hours');

create table batch_jobs (
    id bigint generated always as identity primary key,
    estado text not null default 'PENDING'
        check (estado in ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED')),
    creado_en timestamptz not null default now()
);

create table automation_rules (
    id bigint generated always as identity primary key,
    nombre text not null,
    activa boolean not null default true
);

insert into automation_rules (nombre, activa) values
    ('Recordatorio de declaración mensual', true),
    ('Aviso de documento vencido', true),
    ('Bienvenida a cliente nuevo', false);
