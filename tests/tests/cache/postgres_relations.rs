//! Tables and indexes, against the server's views asked by hand.

use e2e::{Postgres, Samples, postgres};

use crate::{
    postgres_support::{agree, all_ok, exporter, fresh, monitor},
    scrape,
};

/// Often enough for a test, and whatever the age of the statistics.
const AT_ONCE: &str = "[cache-hit.relations]\nevery = \"1s\"\nunused_after = \"0s\"\n";

/// Names that break what is put together carelessly.
const ODD: &str = "Año {le=1}, 100% 'raro'; --";

async fn shop(version: postgres::Version) -> Postgres {
    let server = Postgres::builder()
        .version(version)
        .setting("autovacuum = off")
        .start()
        .await
        .expect("the stack runs");
    monitor(&server).await;
    server.create_database("shop").await.expect("the stack runs");
    let steps = [
        "create table orders (id int primary key, customer int, note text);
         create index orders_customer on orders (customer);
         create index orders_note on orders (left(note, 20));
         create unique index orders_unique on orders (customer, id);
         insert into orders select g, g % 100,
             (select string_agg(md5(g::text || s), '') from generate_series(1, 200) s)
             from generate_series(1, 500) g",
        "create table customers (id int primary key, name text unique);
         insert into customers select g, 'c' || g from generate_series(1, 2000) g",
        "delete from customers where id <= 1500; update orders set customer = 7 where id < 50",
        "set enable_seqscan = off; select * from orders where customer = 7; \
         select * from customers where id = 1600; select sum(length(note)) from orders",
    ];
    for step in steps {
        server.execute("shop", step).await.expect("the stack runs");
    }
    let odd =
        format!("create table \"{ODD}\" (id int primary key); insert into \"{ODD}\" values (1)");
    server.execute("shop", &odd).await.expect("the stack runs");
    server
}

const ORDERS: &str = "select seq_scan::float8 as cache_table_sequential_scans_total, \
     seq_tup_read::float8 as cache_table_sequential_rows_total, \
     idx_scan::float8 as cache_table_index_scans_total, \
     idx_tup_fetch::float8 as cache_table_index_rows_total, \
     n_tup_ins::float8 as cache_table_rows_inserted_total, \
     n_tup_upd::float8 as cache_table_rows_updated_total, \
     n_tup_hot_upd::float8 as cache_table_rows_hot_updated_total, \
     n_tup_del::float8 as cache_table_rows_deleted_total, \
     n_live_tup::float8 as pg_stat_user_tables_n_live_tup, \
     n_dead_tup::float8 as pg_stat_user_tables_n_dead_tup, \
     n_mod_since_analyze::float8 as pg_stat_user_tables_n_mod_since_analyze, \
     extract(epoch from last_vacuum)::float8 as cache_table_last_vacuum_timestamp_seconds, \
     extract(epoch from last_analyze)::float8 as cache_table_last_analyze_timestamp_seconds, \
     (50 + 0.2 * greatest((select reltuples from pg_class where oid = relid), 0))::float8 \
         as cache_table_vacuum_threshold, \
     1::float8 as cache_table_autovacuum_enabled \
     from pg_stat_user_tables where relname = 'orders'";

fn parts(part: &str) -> String {
    let (hit, read) = match part {
        "heap" => ("heap_blks_hit", "heap_blks_read"),
        "index" => ("idx_blks_hit", "idx_blks_read"),
        "toast" => ("toast_blks_hit", "toast_blks_read"),
        _ => ("tidx_blks_hit", "tidx_blks_read"),
    };
    format!(
        "{hit}::float8 as cache_table_blocks_hit_total, {read}::float8 as cache_table_blocks_read_total"
    )
}

#[tokio::test]
async fn tables_and_indexes_match_the_server() {
    for version in postgres::versions() {
        let what = format!("PostgreSQL {version}");
        let server = shop(version).await;
        let exporter = exporter(&server, "shop", AT_ONCE).await;
        let ask = server.connect("shop").await.unwrap();
        all_ok(&fresh(&exporter).await, &what);

        let orders = [("datname", "shop"), ("schemaname", "public"), ("relname", "orders")];
        agree(&exporter, &ask, ORDERS, &orders, &what).await;
        for part in ["heap", "index", "toast", "toast_index"] {
            let labels = [("relname", "orders"), ("part", part)];
            let sql = format!(
                "select {} from pg_statio_user_tables where relname = 'orders'",
                parts(part)
            );
            agree(&exporter, &ask, &sql, &labels, &what).await;
            let sum = parts(part)
                .replace("cache_table_", "cache_relation_")
                .replace("_hit::", "_hit)::")
                .replace("_read::", "_read)::");
            let sum: Vec<_> = sum.split(", ").map(|it| format!("sum({it}")).collect();
            let sql = format!("select {} from pg_statio_user_tables", sum.join(", "));
            agree(&exporter, &ask, &sql, &[("datname", "shop"), ("part", part)], &what).await;
        }
        let index = "select idx_blks_hit::float8 as pg_statio_user_indexes_idx_blks_hit_total, \
             idx_blks_read::float8 as pg_statio_user_indexes_idx_blks_read_total, \
             (select idx_scan from pg_stat_user_indexes s where s.indexrelid = i.indexrelid)::float8 \
                 as cache_index_scans_total \
             from pg_statio_user_indexes i where indexrelname = 'orders_customer'";
        let labels = [("relname", "orders"), ("indexrelname", "orders_customer")];
        agree(&exporter, &ask, index, &labels, &what).await;

        let all = "select count(*)::float8 as cache_tables, \
             sum(n_live_tup)::float8 as cache_live_rows, sum(n_dead_tup)::float8 as cache_dead_rows \
             from pg_stat_user_tables";
        agree(&exporter, &ask, all, &[("datname", "shop")], &what).await;
        let samples = scrape(&exporter).await;
        let tables = samples.values_of("pg_stat_user_tables_n_live_tup", "relname");
        assert!(tables.contains(&ODD), "{what}: {tables:?}");

        // Sizes are the last vacuum's, and right after it those that are measured.
        server.execute("shop", "vacuum analyze").await.unwrap();
        // Without the maps of free space and visibility, which are no pages of the relation; a vacuum
        // that finds nothing to clean in an index of long values leaves its size as it was.
        let sizes = "select sum(pg_relation_size(c.oid))::float8 from pg_class o join pg_class c \
             on c.oid in (o.oid, o.reltoastrelid) or c.oid in (select indexrelid from pg_index \
             where indrelid in (o.oid, o.reltoastrelid)) where o.relname = 'orders'";
        let measured: f64 = ask.query_one(sizes, &[]).await.unwrap().get(0);
        let seen = fresh(&exporter).await.sum("cache_table_size_bytes", &orders).unwrap();
        assert!(0.95 * measured <= seen && seen <= measured, "{what}: {seen}, {measured}");
        let unused = "select count(*)::float8 as cache_unused_indexes, \
             sum(pg_relation_size(indexrelid))::float8 as cache_unused_indexes_size_bytes \
             from pg_stat_user_indexes where idx_scan = 0 and indexrelname in \
             ('orders_customer', 'orders_note')";
        agree(&exporter, &ask, unused, &[("datname", "shop")], &what).await;
        let samples = scrape(&exporter).await;
        let named = samples.values_of("cache_unused_index_size_bytes", "indexrelname");
        assert_eq!(named, ["orders_note"], "{what}: unique ones and keys are of use");
        assert_eq!(samples.sum("cache_invalid_indexes", &[]), Some(0.0));
    }
}

fn backlog(samples: &Samples) -> [Option<f64>; 3] {
    ["cache_tables_vacuum_due", "cache_tables_analyze_due", "cache_worst_vacuum_backlog_ratio"]
        .map(|name| samples.sum(name, &[("datname", "shop")]))
}

#[tokio::test]
async fn table_settings_override_server_autovacuum() {
    for version in postgres::versions() {
        let server = shop(version).await;
        let exporter = exporter(&server, "shop", AT_ONCE).await;
        // 1500 dead rows of customers; before PostgreSQL 14 a table that was never analysed has 0 rows.
        server.execute("shop", "analyze").await.unwrap();
        let [due, analyze, worst] = backlog(&fresh(&exporter).await);
        assert_eq!((due, analyze), (Some(1.0), Some(0.0)), "{version}");
        let expected = 1500.0 / (50.0 + 0.2 * 500.0);
        assert!((worst.unwrap() - expected).abs() < 1.0, "{version}: {worst:?}, {expected}");

        let own = "alter table customers set (autovacuum_vacuum_threshold = 1000, \
                   autovacuum_vacuum_scale_factor = 0, autovacuum_enabled = off)";
        server.execute("shop", own).await.unwrap();
        let samples = fresh(&exporter).await;
        let customers = [("relname", "customers")];
        assert_eq!(samples.sum("cache_table_vacuum_threshold", &customers), Some(1000.0));
        assert_eq!(samples.sum("cache_table_autovacuum_enabled", &customers), Some(0.0));
        assert_eq!(backlog(&samples), [Some(1.0), Some(0.0), Some(1.5)], "{version}");
        if version.major() >= 18 {
            let most = "alter table customers set (autovacuum_vacuum_max_threshold = 500)";
            server.execute("shop", most).await.unwrap();
            assert_eq!(backlog(&fresh(&exporter).await)[2], Some(3.0), "{version}");
        }
        server.execute("shop", "vacuum customers").await.unwrap();
        assert_eq!(backlog(&fresh(&exporter).await), [Some(0.0), Some(0.0), Some(0.0)]);
    }
}

#[tokio::test]
async fn totals_grow_and_dropped_tables_disappear() {
    let server = shop(postgres::Version::default()).await;
    let exporter = exporter(&server, "shop", AT_ONCE).await;
    let total = |samples: &Samples| {
        let of = |name| samples.sum(name, &[("datname", "shop")]).unwrap();
        of("cache_relation_blocks_hit_total") + of("cache_relation_blocks_read_total")
    };
    let samples = fresh(&exporter).await;
    let before = total(&samples);
    assert!(
        before > 0.0
            && samples.sum("cache_table_blocks_hit_total", &[("relname", "orders")]).is_some()
    );

    server.execute("shop", "drop table orders").await.unwrap();
    let samples = fresh(&exporter).await;
    assert!(total(&samples) >= before, "{} after {before}", total(&samples));
    for name in ["cache_table_blocks_hit_total", "pg_stat_user_tables_n_dead_tup"] {
        assert_eq!(samples.sum(name, &[("relname", "orders")]), None, "{name}");
    }
    assert_eq!(samples.sum("cache_tables", &[]), Some(2.0));

    let before = total(&samples);
    server.execute("shop", "select pg_stat_reset()").await.unwrap();
    let samples = fresh(&exporter).await;
    assert!(total(&samples) >= before, "{} after {before}", total(&samples));
    assert_eq!(samples.sum("cache_dead_rows", &[]), Some(0.0));
}

#[tokio::test]
async fn unused_indexes_need_old_statistics() {
    let server = shop(postgres::Version::default()).await;
    let week = "[cache-hit.relations]\nevery = \"1s\"\n";
    let exporter = exporter(&server, "shop", week).await;
    let samples = fresh(&exporter).await;
    for name in ["cache_unused_indexes", "cache_unused_indexes_size_bytes"] {
        assert_eq!(samples.sum(name, &[]), None, "{name}");
    }
    assert!(samples.sum("cache_index_scans_total", &[]).is_some());
}

#[tokio::test]
async fn an_index_that_failed_to_build_is_invalid() {
    let server = shop(postgres::Version::default()).await;
    server.execute("shop", "insert into orders values (-1, 7), (-2, 7)").await.unwrap();
    let failed = server
        .execute("shop", "create unique index concurrently broken on orders (customer)")
        .await;
    assert!(failed.is_err());
    let exporter = exporter(&server, "shop", AT_ONCE).await;
    assert_eq!(fresh(&exporter).await.sum("cache_invalid_indexes", &[]), Some(1.0));
}
