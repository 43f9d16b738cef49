//! PgBouncer's console, against what `SHOW` says.

use std::collections::HashMap;

use e2e::{Exporter, PgBouncer, Postgres, Samples, eventually, pgbouncer::versions, postgres};
use tokio_postgres::SimpleQueryMessage;

use crate::{NAME, SOON, scrape};

async fn show(pooler: &PgBouncer, what: &str) -> Vec<HashMap<String, String>> {
    try_show(pooler, what).await.expect("the console answers")
}

/// `None` where the version has no such table.
async fn try_show(pooler: &PgBouncer, what: &str) -> Option<Vec<HashMap<String, String>>> {
    let client = postgres::connect(&pooler.url("pgbouncer")).await.expect("the console answers");
    let answer = client.simple_query(&format!("SHOW {what}")).await.ok()?;
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => Some(
            row.columns()
                .iter()
                .enumerate()
                .map(|(i, it)| (it.name().to_owned(), row.get(i).unwrap_or_default().to_owned()))
                .collect(),
        ),
        _ => None,
    };
    Some(answer.into_iter().filter_map(row).collect())
}

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].trim().parse().expect("the console answers")
}

/// A pooler whose statistician is `pulso`, and the exporter of its console.
async fn stack(server: &Postgres, version: &str, pool_size: u32) -> (PgBouncer, Exporter) {
    let pooler = PgBouncer::builder(server)
        .version(version)
        .user("pulso", "secret")
        .setting("stats_users = pulso")
        .setting(&format!("default_pool_size = {pool_size}"))
        .setting("max_client_conn = 60")
        .start()
        .await
        .expect("the console answers");
    let url = pooler.url_as("pulso", "secret", "pgbouncer");
    let settings = format!("[pool-usage.pgbouncer]\nurl = \"{url}\"\n");
    let exporter = Exporter::start(NAME, &settings).await.expect("the console answers");
    (pooler, exporter)
}

const POOL: [(&str, &str); 2] = [("database", "postgres"), ("user", "postgres")];

#[tokio::test]
async fn exhausted_pool_shows_waiting_clients() {
    let server = Postgres::start().await.unwrap();
    for version in versions() {
        exhausted(&server, &version).await;
    }
}

async fn exhausted(server: &Postgres, version: &str) {
    let (pooler, exporter) = stack(server, version, 2).await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        let url = format!("{}?application_name=web", pooler.url("postgres"));
        let client = postgres::connect(&url).await.expect("the pooler takes clients");
        clients.push(tokio::spawn(async move {
            let _ = client.batch_execute("select pg_sleep(600)").await;
        }));
    }
    let samples = eventually(SOON, || async {
        let samples = scrape(&exporter).await;
        let of = |name: &str| samples.sum(name, &POOL).unwrap_or(-1.0);
        let seen = [
            of("pgbouncer_pools_client_active_connections"),
            of("pgbouncer_pools_client_waiting_connections"),
            of("pgbouncer_pools_server_active_connections"),
            of("pool_pgbouncer_saturation_ratio"),
        ];
        let waited = of("pgbouncer_pools_client_maxwait_seconds");
        if seen == [2.0, 3.0, 2.0, 1.0] && waited > 1.0 && waited.fract() > 0.0 {
            Ok(samples)
        } else {
            Err(format!("{seen:?} after {waited} s"))
        }
    })
    .await;
    compare(&samples, &pooler).await;
    // Versions before 1.18 do not say what a client calls itself.
    let named = show(&pooler, "CLIENTS").await.iter().any(|it| it.contains_key("application_name"));
    let name = if named { "web" } else { "" };
    let web = [("application_name", name), ("state", "waiting")];
    assert_eq!(samples.sum("pgbouncer_client_connections", &web), Some(3.0), "{version}");
    for client in clients {
        client.abort();
    }
}

/// Values that are constant while nothing happens, from the console.
async fn compare(samples: &Samples, pooler: &PgBouncer) {
    assert_eq!(samples.sum("pgbouncer_up", &[]), Some(1.0));
    assert_eq!(samples.sum("pg_up", &[]), None, "there is no database");
    let version = &show(pooler, "VERSION").await[0]["version"];
    assert_eq!(samples.values_of("pgbouncer_version_info", "version"), [version]);
    for row in show(pooler, "DATABASES").await {
        let name = [("name", row["name"].as_str()), ("port", row["port"].as_str())];
        // Renamed in 1.24.
        let new = row.contains_key("reserve_pool_size");
        let reserve = if new { "reserve_pool_size" } else { "reserve_pool" };
        for (column, metric) in [
            ("pool_size", "pgbouncer_databases_pool_size"),
            (reserve, "pgbouncer_databases_reserve_pool"),
            ("max_connections", "pgbouncer_databases_max_connections"),
            ("current_connections", "pgbouncer_databases_current_connections"),
            ("paused", "pgbouncer_databases_paused"),
        ] {
            assert_eq!(samples.sum(metric, &name), Some(number(&row, column)), "{metric} {row:?}");
        }
    }
    for row in show(pooler, "CONFIG").await {
        let metric = match row["key"].as_str() {
            "max_client_conn" => "pgbouncer_config_max_client_connections",
            "max_user_connections" => "pgbouncer_config_max_user_connections",
            "default_pool_size" => "pgbouncer_config_default_pool_size",
            _ => continue,
        };
        assert_eq!(samples.sum(metric, &[]), Some(number(&row, "value")), "{metric}");
    }
    // Debian's 1.18 has no `SHOW STATE`.
    let state = try_show(pooler, "STATE").await;
    let active = state.map(|rows| {
        let row = rows.iter().find(|it| it["key"] == "active").expect("it is in every version");
        f64::from(u8::from(row["value"] == "yes"))
    });
    assert_eq!(samples.sum("pool_pgbouncer_active", &[]), active);
    let lists = show(pooler, "LISTS").await;
    let servers =
        lists.iter().find(|it| it["list"] == "used_servers").expect("it is in every version");
    assert_eq!(samples.sum("pgbouncer_used_servers", &[]), Some(number(servers, "items")));
}

#[tokio::test]
async fn totals_match_the_console() {
    let server = Postgres::start().await.unwrap();
    for version in versions() {
        totals(&server, &version).await;
    }
}

async fn totals(server: &Postgres, version: &str) {
    let (pooler, exporter) = stack(server, version, 5).await;
    let client =
        postgres::connect(&pooler.url("postgres")).await.expect("the pooler takes clients");
    for _ in 0..20 {
        client.batch_execute("select pg_sleep(0.005)").await.expect("the server answers");
    }
    let totals = show(&pooler, "STATS_TOTALS").await;
    let row = totals.iter().find(|it| it["database"] == "postgres").expect("it was used");
    let samples = scrape(&exporter).await;
    for (column, unit, metric) in [
        ("query_count", 1.0, "queries_pooled_total"),
        ("xact_count", 1.0, "sql_transactions_pooled_total"),
        ("bytes_received", 1.0, "received_bytes_total"),
        ("bytes_sent", 1.0, "sent_bytes_total"),
        ("query_time", 1e6, "queries_duration_seconds_total"),
        ("xact_time", 1e6, "server_in_transaction_seconds_total"),
        ("wait_time", 1e6, "client_wait_seconds_total"),
    ] {
        let metric = format!("pgbouncer_stats_totals_{metric}");
        let seen = samples.sum(&metric, &[("database", "postgres")]);
        assert_eq!(seen, Some(number(row, column) / unit), "{metric}");
    }
    let queries =
        samples.sum("pgbouncer_stats_totals_queries_pooled_total", &[("database", "postgres")]);
    assert!(queries >= Some(20.0), "{queries:?}");
}

#[tokio::test]
async fn database_is_not_a_console() {
    let server = Postgres::start().await.unwrap();
    let settings = format!("[pool-usage.pgbouncer]\nurl = \"{}\"", server.url("postgres"));
    let exporter = Exporter::start(NAME, &settings).await.unwrap();
    assert_eq!(scrape(&exporter).await.sum("pgbouncer_up", &[]), Some(0.0));
    let page = exporter.get("/", &[]).await.unwrap().text();
    assert!(page.contains("must be `pgbouncer`"), "{page}");
}
