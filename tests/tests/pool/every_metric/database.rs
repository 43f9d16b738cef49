//! Expected values from PostgreSQL as SQL: `value`, and labels in the other columns.
//!
//! Each is asked for in another way than the exporter asks, where there is one. What an observer
//! changes by looking is left out by `where`.

pub(super) const PRIMARY: &[(&str, &str)] = &[
    ("pg_up", "select 1 as value"),
    (
        "pg_static",
        r"select version() as version, 1 as value,
              regexp_replace(current_setting('server_version'), '^([0-9.]+).*', '\1.0') as short_version",
    ),
    (
        "pg_postmaster_start_time_seconds",
        "select extract(epoch from pg_postmaster_start_time()) as value",
    ),
    ("pg_replication_is_replica", "select pg_is_in_recovery()::int as value"),
    (
        "pulso_labels_folded_total",
        "select label, 0 as value from (values ('datname'), ('usename'), ('application_name')) t (label)",
    ),
    // Limits.
    (
        "pg_settings_max_connections",
        "select setting as value from pg_settings where name = 'max_connections'",
    ),
    (
        "pg_settings_superuser_reserved_connections",
        "select setting as value from pg_settings where name = 'superuser_reserved_connections'",
    ),
    (
        "pg_settings_reserved_connections",
        "select setting as value from pg_settings where name = 'reserved_connections'",
    ),
    (
        "pool_client_backends",
        "select count(*) as value from pg_stat_activity where backend_type = 'client backend'",
    ),
    (
        "pool_available_connections",
        "select (select sum(case name when 'max_connections' then 1 else -1 end * setting::int)
                     from pg_settings where name in ('max_connections',
                         'superuser_reserved_connections', 'reserved_connections'))
                - count(*) as value
         from pg_stat_activity where backend_type = 'client backend'",
    ),
    (
        "pg_database_connection_limit",
        "select datname, datconnlimit as value from pg_database where datname in ('shop', 'postgres')",
    ),
    (
        "pool_database_connections",
        "select datname, count(*) as value from pg_stat_activity
         where backend_type = 'client backend' group by 1",
    ),
    (
        "pg_roles_connection_limit",
        "select rolname, rolconnlimit as value from pg_authid where rolcanlogin",
    ),
    (
        "pool_role_connections",
        "select usename as rolname, count(*) as value from pg_stat_activity
         where usename = 'app' and backend_type = 'client backend' group by 1",
    ),
    // Who holds them.
    (
        "pg_stat_activity_count",
        "select datname, state, usename, application_name, backend_type,
             coalesce(wait_event_type, '') as wait_event_type, '' as wait_event, count(*) as value
         from pg_stat_activity where datname = 'shop' group by 1, 2, 3, 4, 5, 6",
    ),
    (
        "pg_stat_database_numbackends",
        "select datid, datname, numbackends as value from pg_stat_database where datname is not null
         and datname !~ '^template'",
    ),
    (
        "pool_longest_transaction_seconds",
        "select datname, extract(epoch from max(clock_timestamp() - xact_start)) as value
         from pg_stat_activity where datname = 'shop' group by 1",
    ),
    (
        "pool_longest_query_seconds",
        "select datname, extract(epoch from max(clock_timestamp() - query_start)) as value
         from pg_stat_activity where datname = 'shop' and state = 'active' group by 1",
    ),
    (
        "pool_longest_idle_in_transaction_seconds",
        "select datname, extract(epoch from max(clock_timestamp() - state_change)) as value
         from pg_stat_activity where state = 'idle in transaction' group by 1",
    ),
    (
        "pool_privilege_missing",
        "select 'pg_read_all_stats' as privilege,
             (not pg_has_role('pulso', 'pg_read_all_stats', 'usage'))::int as value",
    ),
    // Application pools: the size is that of the settings.
    ("pool_application_size", "select 'web' as pool, 5 as value"),
    (
        "pool_application_connections",
        "select 'web' as pool, count(*) as value from pg_stat_activity where application_name like 'web-_'",
    ),
    (
        "pool_application_busy_connections",
        "select 'web' as pool, count(*) as value from pg_stat_activity
         where application_name in ('web-1', 'web-2', 'web-3') and state <> 'idle'",
    ),
    (
        "pool_application_available_connections",
        "select 'web' as pool, 5 - count(*) as value from pg_stat_activity
         where application_name in ('web-1', 'web-2', 'web-3') and state <> 'idle'",
    ),
    // Locks.
    (
        "pg_locks_count",
        "select datname, lower(mode) as mode, count(pid) as value
         from pg_locks join pg_database d on d.oid = database where datname = 'shop' group by 1, 2",
    ),
    (
        "pool_blocked_backends",
        "select datname, count(*) as value from pg_stat_activity
         where cardinality(pg_blocking_pids(pid)) > 0 group by 1",
    ),
    (
        "pool_longest_lock_wait_seconds",
        "select datname, extract(epoch from max(clock_timestamp() -
             coalesce((to_jsonb(l)->>'waitstart')::timestamptz, query_start))) as value
         from pg_locks l join pg_stat_activity a using (pid) where not granted group by 1",
    ),
    (
        "pool_blocking_backends",
        "select count(distinct blocker) as value
         from pg_stat_activity, unnest(pg_blocking_pids(pid)) blocker
         where cardinality(pg_blocking_pids(blocker)) = 0",
    ),
    (
        // One lock is held, so all that wait do so behind one session.
        "pool_worst_blocker_blocked_backends",
        "select count(*) as value from pg_stat_activity where wait_event_type = 'Lock'",
    ),
    (
        "pool_deadlocks_total",
        "select datname, pg_stat_get_db_deadlocks(oid) as value from pg_database where datname = 'shop'",
    ),
    // Statements. The shop's all ran after the exporter's first look.
    ("pool_statements_available", "select count(*) as value from pg_extension where extname = 'pg_stat_statements'"),
    ("pool_statements_tracked", "select count(*) as value from pg_stat_statements"),
    (
        "pool_statement_calls_total",
        "select datname, sum(calls) as value from pg_stat_statements join pg_database d on d.oid = dbid
         where datname = 'shop' group by 1",
    ),
    (
        "pool_statement_execution_seconds_total",
        "select datname, sum(total_exec_time) / 1000 as value
         from pg_stat_statements join pg_database d on d.oid = dbid where datname = 'shop' group by 1",
    ),
    (
        "pool_statement_rows_total",
        "select datname, sum(rows) as value from pg_stat_statements join pg_database d on d.oid = dbid
         where datname = 'shop' group by 1",
    ),
    (
        "pool_statement_blocks_hit_total",
        "select datname, sum(shared_blks_hit) as value
         from pg_stat_statements join pg_database d on d.oid = dbid where datname = 'shop' group by 1",
    ),
    (
        "pool_statement_blocks_read_total",
        "select datname, sum(shared_blks_read) as value
         from pg_stat_statements join pg_database d on d.oid = dbid where datname = 'shop' group by 1",
    ),
    (
        "pool_statement_temporary_blocks_total",
        "select datname, nullif(sum(temp_blks_written), 0) as value
         from pg_stat_statements join pg_database d on d.oid = dbid where datname = 'shop' group by 1",
    ),
    (
        "pool_statement_duration_seconds_count",
        "select datname, sum(calls) as value from pg_stat_statements join pg_database d on d.oid = dbid
         where datname = 'shop' group by 1",
    ),
    (
        "pool_statement_duration_seconds_sum",
        "select datname, sum(calls * mean_exec_time) / 1000 as value
         from pg_stat_statements join pg_database d on d.oid = dbid where datname = 'shop' group by 1",
    ),
    (
        "pool_statement_duration_seconds_bucket",
        "select datname, le::text, coalesce(sum(calls) filter (where mean_exec_time <= 1000 * le), 0) as value
         from pg_stat_statements join pg_database d on d.oid = dbid, (values (0.001), (0.05), (0.5)) t (le)
         where datname = 'shop' group by 1, 2",
    ),
    (
        "pg_stat_statements_calls_total",
        "select rolname as user, datname, queryid, sum(calls) as value
         from pg_stat_statements join pg_database d on d.oid = dbid join pg_authid r on r.oid = userid
         where datname = 'shop' and query like '%pg_sleep%' group by 1, 2, 3",
    ),
    (
        "pg_stat_statements_seconds_total",
        "select rolname as user, datname, queryid, sum(total_exec_time) / 1000 as value
         from pg_stat_statements join pg_database d on d.oid = dbid join pg_authid r on r.oid = userid
         where datname = 'shop' and query like '%pg_sleep%' group by 1, 2, 3",
    ),
    (
        "pg_stat_statements_rows_total",
        "select rolname as user, datname, queryid, sum(rows) as value
         from pg_stat_statements join pg_database d on d.oid = dbid join pg_authid r on r.oid = userid
         where datname = 'shop' and query like '%pg_sleep%' group by 1, 2, 3",
    ),
    (
        "pool_statement_info",
        "select queryid, query, 1 as value from pg_stat_statements join pg_database d on d.oid = dbid
         where datname = 'shop' and query like '%pg_sleep%'",
    ),
    // Replication.
    (
        "pool_replication_standbys",
        "select application_name, host(client_addr) as client_addr, state, count(*) as value
         from pg_stat_replication group by 1, 2, 3",
    ),
    (
        "pool_replication_standby_lag_seconds",
        "select application_name, host(client_addr) as client_addr, 'replay' as stage,
             extract(epoch from replay_lag) as value from pg_stat_replication",
    ),
    (
        "pool_replication_standby_lag_bytes",
        "select application_name, host(client_addr) as client_addr, stage,
             pg_current_wal_lsn() - case stage when 'write' then write_lsn
                 when 'flush' then flush_lsn else replay_lsn end as value
         from pg_stat_replication, (values ('write'), ('flush'), ('replay')) t (stage)",
    ),
    (
        "pg_replication_slot_slot_is_active",
        "select slot_name, slot_type, active::int as value from pg_replication_slots",
    ),
    (
        "pool_replication_slot_retained_bytes",
        "select slot_name, slot_type, pg_current_wal_lsn() - restart_lsn as value
         from pg_replication_slots",
    ),
    (
        "pg_replication_slot_safe_wal_size_bytes",
        "select slot_name, slot_type, safe_wal_size as value from pg_replication_slots",
    ),
    // Old names.
    (
        "pg_stat_activity_max_tx_duration",
        "select datname, application_name, extract(epoch from max(clock_timestamp() - xact_start)) as value
         from pg_stat_activity where application_name = 'web-2' group by 1, 2",
    ),
    (
        "pg_stat_database_deadlocks",
        "select datid, datname, deadlocks as value from pg_stat_database where datname = 'shop'",
    ),
    (
        "pg_stat_replication_pg_wal_lsn_diff",
        "select application_name, host(client_addr) as client_addr, state,
             pg_current_wal_lsn() - replay_lsn as value from pg_stat_replication",
    ),
];

pub(super) const STANDBY: &[(&str, &str)] = &[
    ("pg_replication_is_replica", "select pg_is_in_recovery()::int as value"),
    (
        "pg_replication_lag_seconds",
        "select extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) as value",
    ),
    (
        "pool_replication_replay_pending_bytes",
        "select nullif(pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn(), 0) as value",
    ),
    (
        "pool_replication_receiver_up",
        "select (status = 'streaming')::int as value from pg_stat_wal_receiver",
    ),
    ("pool_replication_replay_paused", "select pg_is_wal_replay_paused()::int as value"),
];
