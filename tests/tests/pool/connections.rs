//! Connections, limits and application pools.

use e2e::{Postgres, eventually, postgres};

use crate::{SOON, exporter, monitor, scrape};

#[tokio::test]
async fn connection_counts_match_the_server() {
    for version in postgres::versions() {
        let server = Postgres::builder()
            .version(version)
            .setting("max_connections = 40")
            .setting("superuser_reserved_connections = 4")
            .start()
            .await
            .unwrap();
        monitor(&server).await;
        server.create_database("shop").await.unwrap();
        server
            .execute(
                "postgres",
                "alter database shop connection limit 7; alter role pulso connection limit 5",
            )
            .await
            .unwrap();
        let web = format!("{}?application_name=web-1", server.url("shop"));
        let idle = postgres::connect(&web).await.unwrap();
        idle.batch_execute("select 1").await.unwrap();
        let open = postgres::connect(&web).await.unwrap();
        open.batch_execute("begin; select 1").await.unwrap();
        let pool = "[pool-usage.pools.web]\nsize = 3\napplication_name = \"web-.*\"\n";
        let exporter = exporter(&server, pool).await;

        let samples = scrape(&exporter).await;
        let sum = |name: &str, labels: &[(&str, &str)]| samples.sum(name, labels);
        assert_eq!(sum("pg_up", &[]), Some(1.0), "{version}");
        assert_eq!(sum("pg_settings_max_connections", &[]), Some(40.0));
        assert_eq!(sum("pg_settings_superuser_reserved_connections", &[]), Some(4.0));
        let reserved = (version.major() >= 16).then_some(0.0);
        assert_eq!(sum("pg_settings_reserved_connections", &[]), reserved, "{version}");
        let clients = "client backend";
        // Both of the shop's, and the exporter's own.
        assert_eq!(sum("pool_client_backends", &[]), Some(3.0), "{version}");
        assert_eq!(sum("pool_available_connections", &[]), Some(33.0));
        assert_eq!(sum("pg_stat_activity_count", &[("backend_type", clients)]), Some(3.0));
        let shop = [("datname", "shop"), ("application_name", "web-1")];
        assert_eq!(sum("pg_stat_activity_count", &shop), Some(2.0));
        let state = |state| [("datname", "shop"), ("state", state)];
        assert_eq!(sum("pg_stat_activity_count", &state("idle")), Some(1.0));
        assert_eq!(sum("pg_stat_activity_count", &state("idle in transaction")), Some(1.0));
        assert_eq!(sum("pg_stat_activity_count", &state("active")), Some(0.0));
        assert_eq!(sum("pg_stat_activity_count", &[("wait_event_type", "Client")]), Some(2.0));
        assert_eq!(sum("pool_database_connections", &[("datname", "shop")]), Some(2.0));
        assert_eq!(sum("pg_database_connection_limit", &[("datname", "shop")]), Some(7.0));
        assert_eq!(sum("pg_database_connection_limit", &[("datname", "postgres")]), Some(-1.0));
        assert_eq!(sum("pg_roles_connection_limit", &[("rolname", "pulso")]), Some(5.0));
        assert_eq!(sum("pool_role_connections", &[("rolname", "pulso")]), Some(1.0));
        assert_eq!(sum("pg_stat_database_numbackends", &[("datname", "shop")]), Some(2.0));
        assert_eq!(sum("pool_privilege_missing", &[]), Some(0.0));
        assert_eq!(sum("pool_application_size", &[("pool", "web")]), Some(3.0));
        assert_eq!(sum("pool_application_connections", &[("pool", "web")]), Some(2.0));
        assert_eq!(sum("pool_application_busy_connections", &[("pool", "web")]), Some(1.0));
        assert_eq!(sum("pool_application_available_connections", &[("pool", "web")]), Some(2.0));
        assert_eq!(sum("pulso_collector_success", &[("collector", "locks")]), Some(1.0));
        assert_eq!(sum("pulso_collector_success", &[("collector", "replication")]), Some(1.0));
        assert_eq!(sum("pulso_collector_success", &[("collector", "statements")]), Some(1.0));
    }
}

#[tokio::test]
async fn ages_of_open_transactions_grow() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let exporter = exporter(&server, "").await;
    let open = server.connect("postgres").await.unwrap();
    open.batch_execute("begin; select 1").await.unwrap();
    let slow = server.connect("postgres").await.unwrap();
    let slow = tokio::spawn(async move { slow.batch_execute("select pg_sleep(600)").await });

    let ask = server.connect("postgres").await.unwrap();
    eventually(SOON, || async {
        let samples = scrape(&exporter).await;
        let of = |name| samples.sum(name, &[("datname", "postgres")]).unwrap_or(0.0);
        let ages = [
            of("pool_longest_transaction_seconds"),
            of("pool_longest_query_seconds"),
            of("pool_longest_idle_in_transaction_seconds"),
        ];
        if ages.iter().all(|it| *it > 2.0) { Ok(()) } else { Err(format!("ages {ages:?}")) }
    })
    .await;
    let by_hand = "select extract(epoch from max(clock_timestamp() - xact_start))::float8 \
                   from pg_stat_activity where pid <> pg_backend_pid()";
    let before: f64 = ask.query_one(by_hand, &[]).await.unwrap().get(0);
    let samples = scrape(&exporter).await;
    let after: f64 = ask.query_one(by_hand, &[]).await.unwrap().get(0);
    let seen = samples.sum("pool_longest_transaction_seconds", &[("datname", "postgres")]);
    assert!(seen.is_some_and(|it| before <= it && it <= after), "{before} {seen:?} {after}");

    open.batch_execute("commit").await.unwrap();
    let samples = scrape(&exporter).await;
    let idle = samples.sum("pool_longest_idle_in_transaction_seconds", &[("datname", "postgres")]);
    assert_eq!(idle, Some(0.0));
    slow.abort();
}

#[tokio::test]
async fn missing_privilege_leaves_only_counts() {
    let server = Postgres::start().await.unwrap();
    server.create_role("pulso", "secret").await.unwrap();
    let web = format!("{}?application_name=web", server.url("postgres"));
    let one = postgres::connect(&web).await.unwrap();
    let two = postgres::connect(&web).await.unwrap();
    let pool = "[pool-usage.pools.web]\nsize = 3\napplication_name = \"web\"\n";
    let exporter = exporter(&server, pool).await;
    let samples = scrape(&exporter).await;

    let sum = |name: &str, labels: &[(&str, &str)]| samples.sum(name, labels);
    assert_eq!(sum("pool_privilege_missing", &[("privilege", "pg_read_all_stats")]), Some(1.0));
    assert_eq!(sum("pool_client_backends", &[]), Some(3.0));
    assert_eq!(sum("pool_database_connections", &[("datname", "postgres")]), Some(3.0));
    assert_eq!(sum("pg_stat_activity_count", &[("state", "unknown")]), Some(2.0));
    assert_eq!(sum("pg_stat_activity_count", &[("state", "idle")]), None);
    assert_eq!(sum("pool_application_connections", &[]), Some(2.0));
    assert_eq!(sum("pool_application_available_connections", &[]), None);
    assert_eq!(sum("pool_longest_transaction_seconds", &[]), None);

    server.execute("postgres", "grant pg_read_all_stats to pulso").await.unwrap();
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("pool_privilege_missing", &[]), Some(0.0), "without a restart");
    assert_eq!(samples.sum("pool_application_available_connections", &[]), Some(3.0));
    drop((one, two));
}

#[tokio::test]
async fn applications_above_the_cap_are_other() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let exporter = exporter(&server, "[pool-usage.caps]\napplications = 2\n").await;
    scrape(&exporter).await;
    let mut kept = Vec::new();
    for name in ["a", "b", "c", "d", "d"] {
        let url = format!("{}?application_name={name}", server.url("postgres"));
        kept.push(postgres::connect(&url).await.unwrap());
    }
    for _ in 0..3 {
        let samples = scrape(&exporter).await;
        assert_eq!(samples.sum("pool_client_backends", &[]), Some(6.0));
        // The exporter itself came first, `d` is the most of the rest.
        let of = |name| samples.sum("pg_stat_activity_count", &[("application_name", name)]);
        assert_eq!([of("d"), of("other"), of("a")], [Some(2.0), Some(3.0), None]);
        let folded = samples.sum("pulso_labels_folded_total", &[("label", "application_name")]);
        assert_eq!(folded, Some(3.0));
    }
}

#[tokio::test]
async fn compatibility_adds_old_names() {
    let server = Postgres::start().await.unwrap();
    monitor(&server).await;
    let url = server.url_as("pulso", "secret", "postgres");
    let settings = format!("[pool-usage]\ncompatibility = true\npostgres.url = \"{url}\"");
    let exporter = e2e::Exporter::start(crate::NAME, &settings).await.unwrap();
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("pg_stat_database_deadlocks", &[("datname", "postgres")]), Some(0.0));
    assert!(samples.sum("pg_stat_activity_max_tx_duration", &[("state", "active")]).is_some());
}
