//! Statements, against `pg_stat_statements` asked by hand.

use e2e::{Exporter, Postgres, Samples, postgres};

use crate::{exporter, monitor, scrape};

const DATABASE: [(&str, &str); 1] = [("datname", "shop")];

/// A server with the extension, whose statements are run in the database `shop`.
async fn server(version: postgres::Version) -> Postgres {
    let server = Postgres::builder()
        .version(version)
        .preload("pg_stat_statements")
        .start()
        .await
        .expect("the server starts");
    monitor(&server).await;
    server.create_database("shop").await.expect("the server starts");
    server
        .execute("postgres", "create extension pg_stat_statements")
        .await
        .expect("the server starts");
    server
}

struct Totals {
    calls: f64,
    seconds: f64,
    rows: f64,
    observed: f64,
}

async fn totals(exporter: &Exporter) -> (Totals, Samples) {
    let samples = scrape(exporter).await;
    let of = |name| samples.sum(name, &DATABASE).unwrap_or(0.0);
    let totals = Totals {
        calls: of("pool_statement_calls_total"),
        seconds: of("pool_statement_execution_seconds_total"),
        rows: of("pool_statement_rows_total"),
        observed: of("pool_statement_duration_seconds_count"),
    };
    (totals, samples)
}

#[tokio::test]
async fn statements_count_once_across_resets() {
    for version in postgres::versions() {
        let server = server(version).await;
        let exporter = exporter(&server, "[pool-usage.statements]\ntext = true\n").await;
        let shop = server.connect("shop").await.unwrap();
        shop.batch_execute("select 'before we looked'").await.unwrap();
        let (first, samples) = totals(&exporter).await;
        assert_eq!(samples.sum("pool_statements_available", &[]), Some(1.0), "{version}");
        assert_eq!(first.calls, 0.0, "{version}: what was there first is not ours to count");

        for _ in 0..7 {
            shop.batch_execute("select pg_sleep(0.06)").await.unwrap();
        }
        shop.batch_execute("select generate_series(1, 5)").await.unwrap();
        let (second, samples) = totals(&exporter).await;
        assert_eq!((second.calls, second.observed), (8.0, 8.0), "{version}");
        assert_eq!(second.rows, 12.0, "{version}");
        assert!(second.seconds >= 0.42, "{version}: {}", second.seconds);
        let fast = [("datname", "shop"), ("le", "0.05")];
        let fast = samples.sum("pool_statement_duration_seconds_bucket", &fast);
        assert_eq!(fast, Some(1.0), "{version}: all but the sleepers are below 50 ms");
        let texts = samples.values_of("pool_statement_info", "query");
        assert!(texts.contains(&"select pg_sleep($1)"), "{version}: {texts:?}");

        // More calls after the reset than before it.
        server.execute("postgres", "select pg_stat_statements_reset()").await.unwrap();
        for _ in 0..9 {
            shop.batch_execute("select pg_sleep(0.001)").await.unwrap();
        }
        let (third, _) = totals(&exporter).await;
        let expected = if version.major() >= 14 { 17.0 } else { 10.0 };
        assert!(third.calls >= expected, "{version}: {} after a reset", third.calls);

        // A crash empties the view.
        drop(shop);
        e2e::Server::kill(&server);
        server.restart().await.unwrap();
        let shop = server.connect("shop").await.unwrap();
        for _ in 0..3 {
            shop.batch_execute("select pg_sleep(0.001)").await.unwrap();
        }
        let fourth = e2e::eventually(crate::SOON, || async {
            let (now, samples) = totals(&exporter).await;
            let up = samples.sum("pg_up", &[]);
            if up == Some(1.0) { Ok(now) } else { Err("not up") }
        })
        .await;
        assert_eq!(fourth.calls - third.calls, 3.0, "{version}");
        assert_eq!(fourth.observed, fourth.calls, "{version}");
    }
}

#[tokio::test]
async fn top_statements_have_a_query_id() {
    let server = server(postgres::Version::default()).await;
    let exporter = exporter(&server, "[pool-usage.statements]\ntop = 1\n").await;
    let shop = server.connect("shop").await.unwrap();
    for _ in 0..3 {
        // Longer than anything else takes on a machine with other work to do.
        shop.batch_execute("select pg_sleep(1)").await.unwrap();
    }
    let samples = scrape(&exporter).await;
    let ask = server.connect("postgres").await.unwrap();
    let by_hand = "select queryid::text, calls, total_exec_time / 1000 from pg_stat_statements \
                   where query like '%pg_sleep%' order by total_exec_time desc limit 1";
    let row = ask.query_one(by_hand, &[]).await.unwrap();
    let labels = [("user", "postgres"), ("datname", "shop"), ("queryid", row.get(0))];
    assert_eq!(samples.sum("pg_stat_statements_calls_total", &labels), Some(3.0));
    assert_eq!(samples.sum("pg_stat_statements_seconds_total", &labels), Some(row.get(2)));
    assert_eq!(samples.values_of("pg_stat_statements_calls_total", "queryid").len(), 1);
    assert!(
        samples.values_of("pool_statement_info", "query").is_empty(),
        "texts are not asked for"
    );
}

#[tokio::test]
async fn missing_extension_is_no_error() {
    let plain = Postgres::start().await.unwrap();
    monitor(&plain).await;
    let exporter = exporter(&plain, "").await;
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("pool_statements_available", &[]), Some(0.0));
    let statements = [("collector", "statements")];
    assert_eq!(samples.sum("pulso_collector_success", &statements), Some(1.0));

    // Created, and not loaded.
    plain.execute("postgres", "create extension pg_stat_statements").await.unwrap();
    let samples = scrape(&exporter).await;
    assert_eq!(samples.sum("pool_statements_available", &[]), Some(0.0));
    assert_eq!(samples.sum("pulso_collector_success", &statements), Some(1.0));
}
