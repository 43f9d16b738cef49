//! What must not happen: an answer that is too late, a reading that nobody knows the age of, a
//! zero where nothing is known.

use std::time::Duration;

use e2e::{LATER, Postgres, Samples, Server, eventually, postgres};

use crate::{
    SOON,
    postgres_support::{all_ok, exporter, fresh, monitor, whole},
    scrape,
};

const OFTEN: &str = "[cache-hit.relations]\nevery = \"1s\"\n[cache-hit.sizes]\nevery = \"1s\"\n";

fn taken(samples: &Samples) -> [Option<f64>; 2] {
    ["relations", "sizes"]
        .map(|it| samples.sum("cache_reading_timestamp_seconds", &[("reading", it)]))
}

#[tokio::test]
async fn frozen_server_is_down_and_readings_age() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let exporter = exporter(&server, "postgres", OFTEN).await;
    assert_eq!(whole(&exporter).await.sum("pg_up", &[]), Some(1.0));

    server.freeze();
    let samples = exporter.in_two_seconds("/metrics").await;
    assert_eq!(samples.sum("pg_up", &[]), Some(0.0));
    assert_eq!(samples.sum("cache_blocks_hit_total", &[]), None, "nothing of before is shown");
    let before = taken(&samples);
    assert!(before.iter().all(Option::is_some), "{before:?}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let samples = exporter.in_two_seconds("/metrics").await;
    assert_eq!(taken(&samples), before, "due, and not taken");

    server.thaw();
    eventually(LATER, || async {
        let samples = scrape(&exporter).await;
        let newer = taken(&samples).iter().zip(before).all(|(now, then)| *now > then);
        let up = samples.sum("pg_up", &[]);
        if up == Some(1.0) && newer { Ok(()) } else { Err(format!("{up:?}, newer {newer}")) }
    })
    .await;
}

#[tokio::test]
async fn readings_expire() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let exporter = exporter(&server, "postgres", OFTEN).await;
    assert!(whole(&exporter).await.sum("pg_database_size_bytes", &[]).is_some());

    server.kill();
    let samples = exporter.in_two_seconds("/metrics").await;
    assert_eq!(samples.sum("pg_up", &[]), Some(0.0));
    eventually(LATER, || async {
        let samples = scrape(&exporter).await;
        let left = ["pg_database_size_bytes", "cache_tables"].map(|it| samples.sum(it, &[]));
        assert!(taken(&samples).iter().all(Option::is_some), "when is still known");
        if left == [None; 2] { Ok(()) } else { Err(format!("{left:?}")) }
    })
    .await;
    let samples = scrape(&exporter).await;
    let failed = samples.sum("pulso_collector_success", &[("collector", "relations")]);
    assert_eq!(failed, Some(0.0));

    server.restart().await.unwrap();
    eventually(LATER, || async {
        let samples = scrape(&exporter).await;
        let seen = ["pg_up", "cache_tables"].map(|it| samples.sum(it, &[]));
        if seen.iter().all(Option::is_some) && seen[0] == Some(1.0) {
            Ok(())
        } else {
            Err(format!("{seen:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn concurrent_scrapes_share_connections() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let exporter = exporter(&server, "postgres", OFTEN).await;
    let ask = server.connect("postgres").await.unwrap();
    let count = "select count(*) from pg_stat_activity where usename = 'pulso'";
    let connections = async || ask.query_one(count, &[]).await.unwrap().get(0);
    let most = exporter.storm(connections).await;
    assert!((1..=2).contains(&most), "{most} connections at the same time");
    eventually(SOON, || async {
        let now = connections().await;
        if now == 1 { Ok(()) } else { Err(format!("{now} connections at rest")) }
    })
    .await;
}

#[tokio::test]
async fn locked_table_does_not_block_readings() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    server.execute("postgres", "create table t (id int primary key)").await.unwrap();
    let holder = server.connect("postgres").await.unwrap();
    holder.batch_execute("begin; lock table t in access exclusive mode").await.unwrap();
    let exporter = exporter(&server, "postgres", OFTEN).await;
    let samples = fresh(&exporter).await;
    all_ok(&samples, "locked");
    let live = samples.sum("pg_stat_user_tables_n_live_tup", &[("relname", "t")]);
    assert_eq!(live, Some(0.0));
    let waiting = "select count(*) from pg_locks where not granted";
    let waiting: i64 = holder.query_one(waiting, &[]).await.unwrap().get(0);
    assert_eq!(waiting, 0);
}

#[tokio::test]
async fn missing_privilege_is_reported() {
    for version in postgres::versions() {
        let server = Postgres::builder().version(version).start().await.unwrap();
        server.create_role("pulso", "secret").await.unwrap();
        server.create_database("vault").await.unwrap();
        let closed = "revoke connect on database vault from public";
        server.execute("postgres", closed).await.unwrap();
        let exporter = exporter(&server, "postgres", OFTEN).await;
        let samples = whole(&exporter).await;
        all_ok(&samples, &format!("PostgreSQL {version}"));
        let missing = [("privilege", "pg_monitor")];
        assert_eq!(samples.sum("cache_privilege_missing", &missing), Some(1.0));
        let size = |name| samples.sum("pg_database_size_bytes", &[("datname", name)]);
        assert!(size("postgres").is_some(), "{version}");
        assert_eq!(size("vault"), None, "{version}");
        for name in ["pg_wal_size_bytes", "pg_wal_segments", "cache_autovacuum_workers"] {
            assert_eq!(samples.sum(name, &[]), None, "{version}: {name}");
        }
        let vault = [("datname", "vault")];
        assert!(samples.sum("cache_commits_total", &vault).is_some(), "{version}");

        server.execute("postgres", "grant pg_monitor to pulso").await.unwrap();
        eventually(LATER, || async {
            let samples = scrape(&exporter).await;
            let seen = [
                samples.sum("cache_privilege_missing", &missing),
                samples.sum("pg_database_size_bytes", &vault).map(|_| 0.0),
                samples.sum("pg_wal_size_bytes", &[]).map(|_| 0.0),
                samples.sum("cache_autovacuum_workers", &[]).map(|_| 0.0),
            ];
            if seen == [Some(0.0); 4] { Ok(()) } else { Err(format!("{version}: {seen:?}")) }
        })
        .await;
    }
}

#[tokio::test]
async fn names_above_the_cap_are_summed() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    for name in ["a", "b", "c", "d"] {
        server.create_database(name).await.unwrap();
    }
    let exporter = exporter(&server, "postgres", "[cache-hit.caps]\ndatabases = 2\n").await;
    let samples = whole(&exporter).await;
    let mut names = samples.values_of("cache_commits_total", "datname");
    names.sort_unstable();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&"other"), "{names:?}");
    assert!(samples.sum("pg_database_size_bytes", &[("datname", "other")]).is_some());
    assert_eq!(samples.sum("pulso_labels_folded_total", &[("label", "datname")]), Some(3.0));
}

#[tokio::test]
async fn several_databases_are_several_targets() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    server.create_database("shop").await.unwrap();
    server.execute("shop", "create table only_here (id int)").await.unwrap();
    let url = server.url_as("pulso", "secret", "shop");
    let more = format!("[cache-hit.targets.shop.postgres]\nurl = \"{url}\"\n");
    let exporter = exporter(&server, "postgres", &more).await;
    let of = async |path: &str| {
        eventually(SOON, || async {
            let text = exporter.get(path, &[("accept", "text/plain")]).await.unwrap().text();
            let samples = Samples::parse(&text);
            samples.sum("cache_tables", &[]).map(|count| (count, samples)).ok_or("no reading")
        })
        .await
    };
    let (count, samples) = of("/metrics").await;
    assert_eq!((count, samples.sum("cache_tables", &[("datname", "shop")])), (0.0, None));
    let (count, samples) = of("/probe?target=shop").await;
    assert_eq!((count, samples.sum("cache_tables", &[("datname", "shop")])), (1.0, Some(1.0)));
}
