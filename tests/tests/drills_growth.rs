//! Faults that grow over months, each followed to the notification and to its end.

#![allow(clippy::unwrap_used, reason = "a drill whose stack does not start has failed")]

use alerts::{scope::Urls, write::alertmanager::Endpoints};
use e2e::{
    Alertmanager, Disk, Exporter, Live, Prometheus, Redis, SOON, Server, Webhook,
    live::{CACHE, PROFILE, interval},
    simulator::hv::DATABASE,
};
use promql::Style;

/// Five minutes in five seconds.
const SCALE: f64 = 60.0;

#[tokio::test(flavor = "multi_thread")]
async fn unused_indexes_alert() {
    const UNUSED: &str = "UnusedIndexes";
    let live = Live::healthy(SCALE).await;
    let postgres = &live.servers.postgres;
    // Pages that are mostly empty: more than a hundred megabytes in seconds.
    let index =
        "create table ledger (id int); insert into ledger select generate_series(1, 700000);
                 create index ledger_id on ledger (id) with (fillfactor = 10)";
    // What is read beside that takes long, and then rests for a hundred times as long.
    live.exporter(CACHE).kill();
    postgres.execute(DATABASE, index).await.unwrap();
    live.exporter(CACHE).restart().await.unwrap();
    let alert = live.shown(CACHE, UNUSED).await;
    assert_eq!(alert.labels["datname"], DATABASE);

    postgres.execute(DATABASE, "drop index ledger_id").await.unwrap();
    live.over(UNUSED).await;
}

/// More transactions than half of what the server can count, and nobody has frozen a row.
#[tokio::test(flavor = "multi_thread")]
async fn wraparound_alerts_before_writes_stop() {
    const NEAR: &str = "WraparoundNear";
    const IMMINENT: &str = "WraparoundImminent";
    let live = Live::healthy(SCALE).await;
    let postgres = &live.servers.postgres;
    // Vacuum comes against wraparound even where it is switched off, unless it sleeps.
    postgres.execute(DATABASE, "alter system set autovacuum_naptime = '1h'").await.unwrap();
    postgres.age(600_000_000).await.unwrap();
    live.notified(CACHE, "warning", NEAR).await;
    postgres.age(1_300_000_000).await.unwrap();
    let alert = live.notified(CACHE, "critical", IMMINENT).await;
    assert_eq!(alert.labels["instance"], live.exporter(CACHE).address());

    // As the runbook says, in every database; one lets nobody in.
    let open = "alter database template0 allow_connections true";
    postgres.execute(DATABASE, open).await.unwrap();
    for database in ["template0", "template1", "postgres", DATABASE] {
        postgres.execute(database, "vacuum (freeze)").await.unwrap();
    }
    live.resolved("critical", IMMINENT).await;
    live.resolved("warning", NEAR).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_alerts_early() {
    const LOW: &str = "DiskSpaceLow";
    const FULL: &str = "DiskFull";
    let disk = Disk::mount(16).unwrap();
    let path = disk.path().to_str().unwrap();
    let redis = Redis::start().await.unwrap();
    let settings = format!(
        "[host]\nenabled = true\nmounts.include = ['^{path}$']\n[cache-hit.redis]\nurl = {:?}\n",
        redis.url()
    );
    let exporter = Exporter::start(CACHE, &settings).await.unwrap();
    let sink = Webhook::start().await.unwrap();
    let endpoints = Endpoints::Sink(sink.url());
    let routes = alerts::write::alertmanager::configuration(PROFILE, &endpoints, SCALE);
    let alertmanager = Alertmanager::start(&routes).await.unwrap();
    let style = Style { scale: SCALE };
    let rules =
        alerts::write::rules::rule_file(PROFILE, &alerts::rules(PROFILE), &Urls::default(), style);
    let prometheus = Prometheus::builder()
        .interval(interval(SCALE))
        .job(CACHE, &exporter.address(), &[("system", PROFILE.slug)])
        .rules("rules.yml", rules)
        .alertmanager(&alertmanager)
        .start()
        .await
        .unwrap();

    disk.fill(90).unwrap();
    let alert = sink.notified(SOON, "warning", LOW, "firing").await;
    assert_eq!(alert.labels["mountpoint"], path);
    prometheus.has_fired(LOW).await;
    let alerts = prometheus.alerts().await.unwrap();
    assert!(alerts.iter().all(|it| it.labels["alertname"] != FULL), "{alerts:#?}");

    disk.fill(97).unwrap();
    let alert = sink.notified(SOON, "critical", FULL, "firing").await;
    assert_eq!(alert.labels["mountpoint"], path);
    prometheus.has_fired(FULL).await;

    disk.fill(10).unwrap();
    sink.notified(SOON, "critical", FULL, "resolved").await;
    sink.notified(SOON, "warning", LOW, "resolved").await;
}
