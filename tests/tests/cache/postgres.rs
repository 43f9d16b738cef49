//! The server and its databases, against its own views asked by hand.

use e2e::{Postgres, Samples, eventually, postgres};

use crate::{
    SOON,
    postgres_support::{agree, all_ok, exporter, monitor, whole},
    scrape,
};

/// Work of every kind in the database `shop`, by sessions that are gone when this returns, so that
/// their statistics are reported.
async fn work(server: &Postgres) {
    let steps = [
        "create table goods (id int primary key, name text);
         insert into goods select g, repeat('x', 200) || g from generate_series(1, 20000) g",
        "update goods set name = 'y' where id % 7 = 0; delete from goods where id % 11 = 0",
        "set work_mem = '64kB'; select count(*) from (select name from goods order by name) s",
        "begin; insert into goods values (-1, 'z'); rollback",
        "select count(*) from goods where id between 5 and 500; checkpoint",
    ];
    for step in steps {
        server.execute("shop", step).await.expect("the work is done");
    }
}

const DATABASE: &str = "select blks_hit::float8 as cache_blocks_hit_total, \
     blks_read::float8 as cache_blocks_read_total, \
     blk_read_time / 1000 as cache_block_read_seconds_total, \
     blk_write_time / 1000 as cache_block_write_seconds_total, \
     temp_files::float8 as cache_temporary_files_total, \
     temp_bytes::float8 as cache_temporary_bytes_total, \
     xact_commit::float8 as cache_commits_total, \
     xact_rollback::float8 as cache_rollbacks_total, \
     tup_returned::float8 as cache_rows_returned_total, \
     tup_fetched::float8 as cache_rows_fetched_total, \
     tup_inserted::float8 as cache_rows_inserted_total, \
     tup_updated::float8 as cache_rows_updated_total, \
     tup_deleted::float8 as cache_rows_deleted_total, \
     conflicts::float8 as cache_recovery_conflicts_total, \
     checksum_failures::float8 as cache_checksum_failures_total, \
     blks_hit::float8 as pg_stat_database_blks_hit, blks_read::float8 as pg_stat_database_blks_read, \
     xact_commit::float8 as pg_stat_database_xact_commit, \
     blk_read_time as pg_stat_database_blk_read_time, \
     temp_bytes::float8 as pg_stat_database_temp_bytes, \
     extract(epoch from stats_reset)::float8 as cache_statistics_reset_timestamp_seconds, \
     (select age(datfrozenxid) from pg_database d where d.oid = datid)::float8 \
         as cache_transaction_id_age, \
     (select mxid_age(datminmxid) from pg_database d where d.oid = datid)::float8 \
         as cache_multixact_id_age, \
     (select age(datfrozenxid) from pg_database d where d.oid = datid)::float8 \
         as pg_database_wraparound_age_datfrozenxid_seconds, \
     pg_database_size('shop')::float8 as pg_database_size_bytes \
     from pg_stat_database where datname = 'shop'";

const SETTINGS: &str = "select \
     pg_size_bytes(current_setting('shared_buffers'))::float8 as pg_settings_shared_buffers_bytes, \
     pg_size_bytes(current_setting('effective_cache_size'))::float8 \
         as pg_settings_effective_cache_size_bytes, \
     pg_size_bytes(current_setting('work_mem'))::float8 as pg_settings_work_mem_bytes, \
     pg_size_bytes(current_setting('maintenance_work_mem'))::float8 \
         as pg_settings_maintenance_work_mem_bytes, \
     pg_size_bytes(current_setting('max_wal_size'))::float8 as pg_settings_max_wal_size_bytes, \
     extract(epoch from current_setting('checkpoint_timeout')::interval)::float8 \
         as pg_settings_checkpoint_timeout_seconds, \
     1::float8 as pg_settings_track_io_timing, 0::float8 as pg_settings_autovacuum, \
     current_setting('autovacuum_max_workers')::float8 as pg_settings_autovacuum_max_workers, \
     current_setting('autovacuum_freeze_max_age')::float8 as pg_settings_autovacuum_freeze_max_age, \
     current_setting('autovacuum_multixact_freeze_max_age')::float8 \
         as pg_settings_autovacuum_multixact_freeze_max_age, \
     0::float8 as cache_autovacuum_workers, 0::float8 as cache_privilege_missing, \
     count(*)::float8 as pg_wal_segments, sum(size)::float8 as pg_wal_size_bytes \
     from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'";

/// The writers, as each layout of the views has them.
fn writers(major: u32) -> &'static str {
    if major < 17 {
        "select checkpoint_write_time / 1000 as cache_checkpoint_write_seconds_total, \
             checkpoint_sync_time / 1000 as cache_checkpoint_sync_seconds_total, \
             buffers_checkpoint::float8 as cache_checkpoint_buffers_written_total, \
             (checkpoints_timed + checkpoints_req)::float8 as cache_checkpoints_total, \
             null::float8 as cache_restartpoints_total, \
             null::float8 as cache_checkpoints_done_total, \
             buffers_clean::float8 as pg_stat_bgwriter_buffers_clean_total, \
             maxwritten_clean::float8 as pg_stat_bgwriter_maxwritten_clean_total, \
             buffers_backend::float8 as pg_stat_bgwriter_buffers_backend_total, \
             buffers_backend_fsync::float8 as pg_stat_bgwriter_buffers_backend_fsync_total, \
             checkpoints_timed::float8 as pg_stat_bgwriter_checkpoints_timed_total, \
             checkpoints_req::float8 as pg_stat_bgwriter_checkpoints_req_total, \
             checkpoint_write_time as pg_stat_bgwriter_checkpoint_write_time_total, \
             null::float8 as pg_stat_checkpointer_num_timed_total \
         from pg_stat_bgwriter"
    } else {
        "select write_time / 1000 as cache_checkpoint_write_seconds_total, \
             sync_time / 1000 as cache_checkpoint_sync_seconds_total, \
             buffers_written::float8 as cache_checkpoint_buffers_written_total, \
             (num_timed + num_requested)::float8 as cache_checkpoints_total, \
             (restartpoints_timed + restartpoints_req)::float8 as cache_restartpoints_total, \
             restartpoints_done::float8 as cache_restartpoints_done_total, \
             buffers_clean::float8 as pg_stat_bgwriter_buffers_clean_total, \
             maxwritten_clean::float8 as pg_stat_bgwriter_maxwritten_clean_total, \
             null::float8 as pg_stat_bgwriter_buffers_backend_total, \
             num_timed::float8 as pg_stat_checkpointer_num_timed_total, \
             num_requested::float8 as pg_stat_checkpointer_num_requested_total, \
             write_time as pg_stat_checkpointer_write_time_total, \
             null::float8 as pg_stat_bgwriter_checkpoints_timed_total \
         from pg_stat_checkpointer, pg_stat_bgwriter b"
    }
}

/// The log, as each layout of the views has it.
fn log(major: u32) -> String {
    let position = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 \
                    as cache_wal_written_bytes_total";
    let records = "wal_records::float8 as cache_wal_records_total, \
                   wal_fpi::float8 as cache_wal_full_page_images_total, \
                   wal_bytes::float8 as cache_wal_generated_bytes_total, \
                   wal_buffers_full::float8 as cache_wal_buffers_full_total";
    match major {
        ..14 => format!("{position}, null::float8 as cache_wal_records_total"),
        14..18 => format!(
            "{position}, {records}, wal_write::float8 as cache_wal_writes_total, \
             wal_sync::float8 as cache_wal_syncs_total, \
             wal_write_time / 1000 as cache_wal_write_seconds_total, \
             wal_sync_time / 1000 as cache_wal_sync_seconds_total from pg_stat_wal"
        ),
        18.. => format!(
            "{position}, {records}, \
             (select sum(writes) from pg_stat_io where object = 'wal')::float8 \
                 as cache_wal_writes_total, \
             (select sum(write_time) / 1000 from pg_stat_io where object = 'wal')::float8 \
                 as cache_wal_write_seconds_total from pg_stat_wal"
        ),
    }
}

#[tokio::test]
async fn values_match_the_server() {
    for version in postgres::versions() {
        let major = version.major();
        let mut builder = Postgres::builder()
            .version(version)
            .setting("autovacuum = off")
            .setting("track_io_timing = on")
            .setting("checkpoint_timeout = '1h'");
        if major >= 14 {
            builder = builder.setting("track_wal_io_timing = on");
        }
        let server = builder.start().await.unwrap();
        monitor(&server).await;
        server.create_database("shop").await.unwrap();
        work(&server).await;
        // It watches from another database, so that its own reading changes nothing of the shop's.
        let more = "[cache-hit.sizes]\nevery = \"1s\"\n[cache-hit]\ncompatibility = true\n";
        let exporter = exporter(&server, "postgres", more).await;
        let ask = server.connect("postgres").await.unwrap();
        let what = format!("PostgreSQL {version}");
        all_ok(&whole(&exporter).await, &what);

        agree(&exporter, &ask, DATABASE, &[("datname", "shop")], &what).await;
        agree(&exporter, &ask, SETTINGS, &[], &what).await;
        agree(&exporter, &ask, writers(major), &[], &what).await;
        agree(&exporter, &ask, &log(major), &[], &what).await;

        let samples = scrape(&exporter).await;
        let shop = [("datname", "shop")];
        for name in ["cache_temporary_bytes_total", "cache_rollbacks_total"] {
            assert!(samples.sum(name, &shop).is_some_and(|it| it > 0.0), "{what}: {name}");
        }
        let requested = samples.sum("cache_checkpoints_total", &[("trigger", "requested")]);
        assert!(requested.is_some_and(|it| it >= 1.0), "{what}: {requested:?}");
        let active = samples.sum("pg_stat_database_active_time_seconds_total", &shop);
        assert_eq!(active.is_some_and(|it| it > 0.0), major >= 14, "{what}: {active:?}");
        let templates = samples.values_of("cache_transaction_id_age", "datname");
        assert!(templates.contains(&"template0"), "{what}: {templates:?}");
    }
}

#[tokio::test]
async fn slru_and_io_match_the_server() {
    for version in postgres::versions() {
        let major = version.major();
        let server = Postgres::builder()
            .version(version)
            .setting("autovacuum = off")
            .setting("track_io_timing = on")
            .start()
            .await
            .unwrap();
        monitor(&server).await;
        server.create_database("shop").await.unwrap();
        work(&server).await;
        let exporter = exporter(&server, "postgres", "").await;
        let ask = server.connect("postgres").await.unwrap();
        let what = format!("PostgreSQL {version}");

        let name = if major < 17 { "Xact" } else { "transaction" };
        let slru = format!(
            "select blks_zeroed::float8 as cache_slru_blocks_zeroed_total, \
             blks_written::float8 as cache_slru_blocks_written_total, \
             blks_read::float8 as cache_slru_blocks_read_total, \
             flushes::float8 as cache_slru_flushes_total, \
             truncates::float8 as cache_slru_truncates_total \
             from pg_stat_slru where name = '{name}'"
        );
        agree(&exporter, &ask, &slru, &[("name", "transaction")], &what).await;
        let names = scrape(&exporter).await;
        let names = names.values_of("cache_slru_blocks_hit_total", "name");
        assert!(names.contains(&"multixact_member") && names.contains(&"other"), "{names:?}");

        if major < 16 {
            let samples = scrape(&exporter).await;
            assert_eq!(samples.sum("cache_io_reads_total", &[]), None, "{what}");
            continue;
        }
        let bytes = |it: &str| match major {
            16 | 17 => format!("{it}s * op_bytes"),
            _ => format!("{it}_bytes"),
        };
        // Activity that the exporter's own sessions do not cause.
        let io = format!(
            "select sum(extends)::float8 as cache_io_extends_total, \
             sum({})::float8 as cache_io_extend_bytes_total, \
             sum(extend_time)::float8 / 1000 as cache_io_extend_seconds_total \
             from pg_stat_io where object = 'relation' and backend_type = 'client backend'",
            bytes("extend")
        );
        let labels = [("object", "relation"), ("backend_type", "client backend")];
        agree(&exporter, &ask, &io, &labels, &what).await;
        let io = format!(
            "select sum(writes)::float8 as cache_io_writes_total, \
             sum({})::float8 as cache_io_write_bytes_total, \
             sum(write_time)::float8 / 1000 as cache_io_write_seconds_total, \
             sum(fsyncs)::float8 as cache_io_fsyncs_total, \
             sum(writebacks)::float8 as cache_io_writebacks_total \
             from pg_stat_io where object = 'relation' and backend_type = 'checkpointer'",
            bytes("write")
        );
        let labels = [("object", "relation"), ("backend_type", "checkpointer")];
        agree(&exporter, &ask, &io, &labels, &what).await;
        let samples = scrape(&exporter).await;
        for name in ["reads", "hits", "read_bytes", "read_seconds"] {
            let seen = samples.sum(&format!("cache_io_{name}_total"), &[]);
            assert!(seen.is_some_and(|it| it > 0.0), "{what}: {name} {seen:?}");
        }
    }
}

#[tokio::test]
async fn times_are_absent_without_track_io_timing() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let exporter = exporter(&server, "postgres", "").await;
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("pg_settings_track_io_timing", &[]), Some(0.0));
    assert!(samples.sum("cache_blocks_hit_total", &[]).is_some());
    for name in ["cache_block_read_seconds_total", "cache_wal_write_seconds_total"] {
        assert_eq!(samples.sum(name, &[]), None, "{name}");
    }
    assert!(samples.names().iter().all(|it| !it.starts_with("pg_stat_database_blks")));
}

#[tokio::test]
async fn reset_statistics_restart() {
    let server = Postgres::builder().setting("autovacuum = off").start().await.unwrap();
    monitor(&server).await;
    server.create_database("shop").await.unwrap();
    work(&server).await;
    let exporter = exporter(&server, "postgres", "").await;
    let inserted =
        |samples: &Samples| samples.sum("cache_rows_inserted_total", &[("datname", "shop")]);
    eventually(SOON, || async {
        let seen = inserted(&scrape(&exporter).await);
        // The one that was rolled back counts too, and rows of the server's own tables do.
        if seen >= Some(20_001.0) { Ok(()) } else { Err(format!("{seen:?} rows")) }
    })
    .await;
    server.execute("shop", "select pg_stat_reset()").await.unwrap();
    eventually(SOON, || async {
        let samples = scrape(&exporter).await;
        let reset = samples.sum("cache_statistics_reset_timestamp_seconds", &[("datname", "shop")]);
        let seen = (inserted(&samples), reset.is_some());
        if seen == (Some(0.0), true) { Ok(()) } else { Err(format!("{seen:?}")) }
    })
    .await;
}

/// On Debian's version alone, for the other ones come without `pg_basebackup`.
#[tokio::test]
async fn standby_is_read() {
    let primary = Postgres::start().await.unwrap();
    monitor(&primary).await;
    let standby = primary.standby().start().await.unwrap();
    let exporter = exporter(&standby, "postgres", "").await;
    let samples = whole(&exporter).await;
    all_ok(&samples, "a standby");
    assert_eq!(samples.sum("pg_replication_is_replica", &[]), Some(1.0));
    assert!(samples.sum("cache_wal_written_bytes_total", &[]).is_some_and(|it| it > 0.0));
}
