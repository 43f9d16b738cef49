//! What must not happen: more than one connection, an answer that is too late, one dead target
//! that costs the others.

use e2e::{Exporter, PgBouncer, Postgres, Server, eventually};

use crate::{NAME, SOON, exporter, monitor, scrape};

#[tokio::test]
async fn concurrent_scrapes_share_one_connection() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let exporter = exporter(&server, "").await;
    let ask = server.connect("postgres").await.unwrap();
    let count = "select count(*) from pg_stat_activity where usename = 'pulso'";
    let most = exporter.storm(async || ask.query_one(count, &[]).await.unwrap().get(0)).await;
    assert_eq!(most, 1, "connections at the same time");
}

#[tokio::test]
async fn frozen_servers_are_down_and_others_stay_up() {
    let (server, spare) = (Postgres::start().await.unwrap(), Postgres::start().await.unwrap());
    let pooler = PgBouncer::start(&spare).await.unwrap();
    for server in [&server, &spare] {
        monitor(server).await;
    }
    let settings = format!(
        "[pool-usage.postgres]\nurl = \"{}\"\n[pool-usage.pgbouncer]\nurl = \"{}\"\n\
         [pool-usage.targets.spare.postgres]\nurl = \"{}\"\n\
         [pool-usage.targets.pooler.pgbouncer]\nurl = \"{}\"\n",
        server.url_as("pulso", "secret", "postgres"),
        pooler.url("pgbouncer"),
        spare.url_as("pulso", "secret", "postgres"),
        pooler.url("pgbouncer"),
    );
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("pg_up", &[]), Some(1.0));
    assert_eq!(samples.sum("pgbouncer_up", &[]), Some(1.0));

    server.freeze();
    let samples = exporter.in_two_seconds("/metrics").await;
    assert_eq!(samples.sum("pg_up", &[]), Some(0.0));
    assert_eq!(samples.sum("pgbouncer_up", &[]), Some(1.0), "the pooler is not the database");
    let spare_samples = exporter.in_two_seconds("/probe?target=spare").await;
    assert_eq!(spare_samples.sum("pg_up", &[]), Some(1.0));
    assert_eq!(spare_samples.sum("pool_client_backends", &[]), Some(1.0));

    pooler.freeze();
    let samples = exporter.in_two_seconds("/metrics").await;
    assert_eq!(samples.sum("pg_up", &[]), Some(0.0));
    assert_eq!(samples.sum("pgbouncer_up", &[]), Some(0.0));
    let samples = exporter.in_two_seconds("/probe?target=pooler").await;
    assert_eq!(samples.sum("pgbouncer_up", &[]), Some(0.0));

    server.thaw();
    pooler.thaw();
    eventually(SOON, || async {
        let samples = scrape(&exporter).await;
        let up = [samples.sum("pg_up", &[]), samples.sum("pgbouncer_up", &[])];
        if up == [Some(1.0); 2] { Ok(()) } else { Err(format!("up {up:?}")) }
    })
    .await;
}

#[tokio::test]
async fn passwords_are_per_target_and_not_shown() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let settings = format!(
        "[pool-usage.postgres]\nurl = \"{}\"\n[pool-usage.targets.wrong.postgres]\nurl = \"{}\"\n",
        server.url_as("pulso", "secret", "postgres"),
        server.url_as("pulso", "hunter2", "postgres"),
    );
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    assert_eq!(scrape(&exporter).await.sum("pg_up", &[]), Some(1.0));
    let samples = exporter.in_two_seconds("/probe?target=wrong").await;
    assert_eq!(samples.sum("pg_up", &[]), Some(0.0));
    let auth = [("collector", "server"), ("reason", "auth")];
    assert_eq!(samples.sum("pulso_collector_failures_total", &auth), Some(1.0));
    let page = exporter.get("/", &[]).await.unwrap().text();
    let output = page + &exporter.log();
    assert!(!output.contains("hunter2") && !output.contains("secret"), "{output}");
}
