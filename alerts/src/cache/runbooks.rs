//! Runbooks of PostgreSQL's cache, disks and vacuum.

use profiles::Caches;
use promql::Expr;

use crate::runbook::{Runbook, Step};

const TABLES_READ: &str = "SELECT schemaname, relname, heap_blks_read, heap_blks_hit,\n\
    \x20      round(heap_blks_hit::numeric / nullif(heap_blks_hit + heap_blks_read, 0), 3) AS hit\n\
    FROM pg_statio_user_tables ORDER BY heap_blks_read DESC LIMIT 20";
const SCANS: &str = "SELECT schemaname, relname, seq_scan, seq_tup_read, idx_scan, n_live_tup\n\
    FROM pg_stat_user_tables ORDER BY seq_tup_read DESC LIMIT 20";
const MEMORY: &str = "SELECT name, setting, unit FROM pg_settings\n\
    WHERE name IN ('shared_buffers', 'effective_cache_size', 'work_mem', 'hash_mem_multiplier',\n\
    \x20              'maintenance_work_mem', 'max_connections')";
const RUNNING: &str = "SELECT pid, usename, now() - query_start AS runs_for, wait_event_type, wait_event,\n\
    \x20      left(query, 100) AS query\n\
    FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()\n\
    ORDER BY query_start LIMIT 20";
const TEMPORARY: &str = "SELECT datname, temp_files, pg_size_pretty(temp_bytes) AS written, stats_reset\n\
    FROM pg_stat_database WHERE temp_files > 0 ORDER BY temp_bytes DESC";
const CHECKPOINT_SETTINGS: &str = "SELECT name, setting, unit FROM pg_settings\n\
    WHERE name IN ('max_wal_size', 'min_wal_size', 'checkpoint_timeout',\n\
    \x20              'checkpoint_completion_target', 'full_page_writes', 'wal_compression')";
const DEAD: &str = "SELECT schemaname, relname, n_live_tup, n_dead_tup, last_vacuum, last_autovacuum,\n\
    \x20      autovacuum_count\n\
    FROM pg_stat_user_tables ORDER BY n_dead_tup DESC LIMIT 20";
const OFF: &str = "SELECT n.nspname, c.relname, c.reloptions\n\
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n\
    WHERE c.reloptions::text LIKE '%autovacuum%'";
const HOLDS: &str = "SELECT 'session ' || pid AS what, age(backend_xmin) AS transactions\n\
    FROM pg_stat_activity WHERE backend_xmin IS NOT NULL\n\
    UNION ALL SELECT 'slot ' || slot_name, greatest(age(xmin), age(catalog_xmin))\n\
    FROM pg_replication_slots WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL\n\
    UNION ALL SELECT 'prepared ' || gid, age(transaction) FROM pg_prepared_xacts\n\
    ORDER BY 2 DESC LIMIT 20";
const VACUUMS: &str = "SELECT p.pid, p.relid::regclass AS relation, p.phase, p.heap_blks_scanned,\n\
    \x20      p.heap_blks_total, now() - a.query_start AS runs_for\n\
    FROM pg_stat_progress_vacuum p JOIN pg_stat_activity a USING (pid)";
const AGES: &str = "SELECT datname, age(datfrozenxid) AS transactions, mxid_age(datminmxid) AS multixacts\n\
    FROM pg_database ORDER BY 2 DESC";
const OLDEST_TABLES: &str = "SELECT oid::regclass AS relation, age(relfrozenxid) AS transactions\n\
    FROM pg_class WHERE relkind IN ('r', 't', 'm') ORDER BY 2 DESC LIMIT 20";
const UNUSED: &str = "SELECT s.schemaname, s.relname, s.indexrelname,\n\
    \x20      pg_size_pretty(pg_relation_size(s.indexrelid)) AS size\n\
    FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid)\n\
    WHERE s.idx_scan = 0 AND NOT i.indisunique\n\
    \x20 AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = s.indexrelid)\n\
    ORDER BY pg_relation_size(s.indexrelid) DESC LIMIT 20";
const SIZES: &str = "SELECT datname, pg_size_pretty(pg_database_size(datname)) AS size\n\
    FROM pg_database ORDER BY pg_database_size(datname) DESC";
const LARGEST: &str = "SELECT oid::regclass AS relation, pg_size_pretty(pg_total_relation_size(oid)) AS size\n\
    FROM pg_class WHERE relkind IN ('r', 'm') ORDER BY pg_total_relation_size(oid) DESC LIMIT 20";
const SLOTS: &str = "SELECT slot_name, active, wal_status,\n\
    \x20      pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS kept\n\
    FROM pg_replication_slots ORDER BY restart_lsn";

/// Too many blocks are not in the cache.
pub(super) fn hits(caches: &Caches, query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Too many of the blocks that queries read are not in `shared_buffers`. They \
                  come from the operating system's cache, or from the disk."
            .into(),
        impact: "Little, if the operating system's cache holds them. If they come from the \
                 disk, every query that needs them waits for it."
            .into(),
        diagnosis: vec![
            Step::promql("In which database, and since when?", query),
            Step::sql("Which tables are read from outside the cache?", TABLES_READ),
            Step::sql("Which tables are scanned sequentially?", SCANS),
            Step::sql("What runs now? `IO` waits are reads.", RUNNING),
            Step::sql("How much memory may it use?", MEMORY),
        ],
        quick_fix: format!(
            "If one query reads whole tables, cancel it, or add the index that it lacks. {}",
            caches.relief
        ),
        investigation: "A step at a deployment is a new query; a step at night is a report or a \
                          dump; a slow decline is data that has outgrown the memory. After a restart \
                          the cache is empty, and fills within minutes to hours."
            .into(),
        lasting_fix: "Let the data in use fit into memory: indexes for the frequent queries, old \
                      rows in separate partitions, dead rows vacuumed."
            .into(),
        prevention: "Compare the size of the data in use with `shared_buffers` when data grows, \
                     and run reports on a standby."
            .into(),
    }
}

/// Sorts and hashes go to disk.
pub(super) fn temporary(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Sorts, hashes and materialised rows do not fit into `work_mem` and go to \
                  temporary files."
            .into(),
        impact: "These queries are slow and keep the disk busy for all others; a runaway \
                 query fills the disk."
            .into(),
        diagnosis: vec![
            Step::promql("Which database, and since when?", query),
            Step::sql("How much has each database written?", TEMPORARY),
            Step::sql("What runs now?", RUNNING),
            Step::sql("How much memory may a sort take?", MEMORY),
        ],
        quick_fix: "Cancel the runaway query: `SELECT pg_cancel_backend(PID)`.".into(),
        investigation: "Set `log_temp_files = 0` for an hour: the log then names each statement \
                          with the size of its files. Look at its plan with \
                          `EXPLAIN (ANALYZE, BUFFERS)`."
            .into(),
        lasting_fix:
            "Give the sort an index, ask for fewer rows, or raise `work_mem` for the role \
                      that needs it (it counts per sort and session, not once)."
                .into(),
        prevention: "Set `temp_file_limit`, so that one query cannot fill the disk.".into(),
    }
}

/// Checkpoints come before their time.
pub(super) fn checkpoints(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Checkpoints begin because `max_wal_size` of log was written, not because \
                  `checkpoint_timeout` has passed."
            .into(),
        impact: "Each checkpoint writes every changed page, and the first change of a page \
                 after it writes the whole page to the log: the disk writes much more than \
                 necessary."
            .into(),
        diagnosis: vec![
            Step::promql("How many of each kind in the last hour?", query),
            Step::sql("Which limits are set?", CHECKPOINT_SETTINGS),
            Step::sql("What writes so much now?", RUNNING),
        ],
        quick_fix:
            "`ALTER SYSTEM SET max_wal_size = '4GB'; SELECT pg_reload_conf();` with room for \
                    it on the disk. It needs no restart."
                .into(),
        investigation: "A bulk load explains an hour of it. If it lasts, look for rows that are \
                        updated repeatedly without need."
            .into(),
        lasting_fix: "Set `max_wal_size` to the log that is written in twice `checkpoint_timeout` \
                      at the busiest hour, and `wal_compression = on`."
            .into(),
        prevention: "Watch the log's growth when the amount of writing changes.".into(),
    }
}

/// Dead rows stay.
pub(super) fn vacuum(meaning: &str, query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: meaning.to_owned(),
        impact: "Queries read the dead rows as well, the table and its indexes grow, and the \
                 cache holds fewer live rows."
            .into(),
        diagnosis: vec![
            Step::promql("Which ones, and since when?", query),
            Step::sql("Which tables have most, and when were they vacuumed?", DEAD),
            Step::sql("What prevents vacuum from removing them? The oldest comes first.", HOLDS),
            Step::sql("Which tables have their own autovacuum settings, or autovacuum off?", OFF),
            Step::sql("Which vacuums run, and how far are they?", VACUUMS),
        ],
        quick_fix: "End the session, drop the slot or finish the prepared transaction that holds \
                    vacuum back; then `VACUUM (VERBOSE, ANALYZE) TABLE`. It does not lock the table \
                    against reading and writing."
            .into(),
        investigation: "`VERBOSE` reports how many dead rows could not be removed yet: if many, \
                        something old is still open; if none, autovacuum was only late."
            .into(),
        lasting_fix: "Give the table its own limits: `ALTER TABLE … SET \
                      (autovacuum_vacuum_scale_factor = 0.02)`; let autovacuum work faster \
                      (`autovacuum_vacuum_cost_limit`), or with more workers."
            .into(),
        prevention: "Keep transactions short, and do not switch autovacuum off.".into(),
    }
}

/// Transaction ids run out.
pub(super) fn wraparound(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Transaction ids have 32 bits, and old rows must be frozen before the ids \
                  wrap around. Vacuum does not freeze them fast enough."
            .into(),
        impact: "None for now. About three million transactions before the limit the server \
                 refuses every write, until a manual vacuum has finished."
            .into(),
        diagnosis: vec![
            Step::promql("Which database, and how fast does it age?", query),
            Step::sql("How old is each database?", AGES),
            Step::sql("Which tables are oldest in this one?", OLDEST_TABLES),
            Step::sql("What prevents vacuum from freezing? The oldest comes first.", HOLDS),
            Step::sql("Which vacuums run, and how far are they?", VACUUMS),
        ],
        quick_fix: "End the old session, drop the old slot, finish the prepared transaction. Then \
                    `VACUUM (FREEZE, VERBOSE)` the oldest tables, one at a time."
            .into(),
        investigation: "If nothing old is open, autovacuum is too slow for the amount of writing, \
                          or fails on one table: its log names the table and the error."
            .into(),
        lasting_fix: "Raise `autovacuum_vacuum_cost_limit`, and `maintenance_work_mem` for large \
                      indexes; split tables that take days to vacuum."
            .into(),
        prevention: "Set `idle_in_transaction_session_timeout` and `max_slot_wal_keep_size`."
            .into(),
    }
}

/// Indexes are unused.
pub(super) fn unused_indexes(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "No query has used these indexes since the statistics began. Unique indexes \
                  are not among them."
            .into(),
        impact: "Every insert and most updates write them, vacuum cleans them, backups \
                 contain them, and they displace other data in memory."
            .into(),
        diagnosis: vec![
            Step::promql("In which database?", query),
            Step::sql("Which are the largest?", UNUSED),
        ],
        quick_fix: "None is needed.".into(),
        investigation:
            "Ask whether a yearly report or a standby uses the index; a standby has its \
                        own statistics."
                .into(),
        lasting_fix: "`DROP INDEX CONCURRENTLY`, and keep its definition for a while.".into(),
        prevention: "Look at an index's use some weeks after it was made.".into(),
    }
}

/// A disk runs full.
pub(super) fn disk(meaning: &str, query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: meaning.to_owned(),
        impact: "When it is full, PostgreSQL refuses writes; if it is the log's disk, \
                 PostgreSQL stops."
            .into(),
        diagnosis: vec![
            Step::promql("Which one, and since when?", query),
            Step::shell("How full are the file systems?", "df -h; df -i"),
            Step::sql("How large is each database?", SIZES),
            Step::sql("Which tables are largest?", LARGEST),
            Step::sql("Does a slot retain the log? (on the primary)", SLOTS),
        ],
        quick_fix:
            "- A slot that nobody reads: drop it; the log is removed at the next checkpoint.\n\
                    - Temporary files: end the query that writes them.\n\
                    - Old dumps and logs: move them to another disk.\n\
                    - Never delete anything in `pg_wal` by hand."
                .into(),
        investigation:
            "Linear growth is data; a step is a dump, a load or a migration; growth that \
                      follows the writes is log that is not archived or read."
                .into(),
        lasting_fix: "Make the disk larger, delete or archive old rows, and drop unused indexes."
            .into(),
        prevention: "Set `max_slot_wal_keep_size`, and keep backups on another disk.".into(),
    }
}

/// A background reading fails.
pub(super) fn reading(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "A background reading, such as that of sizes and tables, has not succeeded for a \
                  long time. It is too expensive for each scrape."
            .into(),
        impact: "Its metrics are old, and later absent; alerts on them cannot fire.".into(),
        diagnosis: vec![
            Step::promql("Which reading?", query),
            Step::shell("What does the exporter report?", "curl -fsS http://127.0.0.1:9803/"),
            Step::shell(
                "Every query once, with its cost and what is missing",
                "cache-hit check --config.file /etc/pulso/pulso.toml",
            ),
        ],
        quick_fix: "Grant what `check` says is missing.".into(),
        investigation:
            "See in the exporter's log why the last attempts failed: a time-out, a lock, \
                        a privilege."
                .into(),
        lasting_fix: "Give the reading more time in the settings, where the database is large."
            .into(),
        prevention: "Run `check` after every change of roles.".into(),
    }
}
