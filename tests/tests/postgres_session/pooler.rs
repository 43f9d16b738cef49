//! Through PgBouncer in transaction pooling.

use e2e::{PgBouncer, Server as _, eventually};
use tokio_postgres::types::Type;

use super::*;

fn through(pooler: &PgBouncer) -> Postgres {
    let settings = PostgresSettings { pgbouncer: true, ..settings(&pooler.url(SUPERUSER)) };
    Postgres::new(&settings).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_queries_at_once_do_not_mix() {
    let server = start().await;
    let pooler =
        PgBouncer::builder(&server).setting("default_pool_size = 3").start().await.unwrap();
    // Others keep the pool's server processes changing hands.
    let others: Vec<_> = (0..6).map(|_| through(&pooler)).collect();
    let postgres = through(&pooler);
    let session = postgres.session(within(30)).await.unwrap();
    let tasks: Vec<_> = (0..200_i32)
        .zip(others.iter().cycle())
        .map(|(n, other)| {
            let (session, other) = (session.clone(), other.clone());
            tokio::spawn(async move {
                let params: [common::source::postgres::Parameter<'_>; 1] = [(&n, Type::INT4)];
                let sql = "SELECT $1 AS it, current_setting('transaction_read_only') AS ro, \
                    current_setting('statement_timeout') AS st, \
                    statement_timestamp() - now() AS late";
                let rows = session.query("echoing", sql, &params).await?;
                let other = other.session(within(30)).await?;
                let other: i32 = scalar(&other, &format!("SELECT {n} AS it")).await?;
                let row = &rows[0];
                let read_only: String = column(row, "ro")?;
                let timeout: String = column(row, "st")?;
                Ok::<_, CollectError>((column::<i32>(row, "it")?, other, read_only, timeout))
            })
        })
        .collect();
    for (n, task) in (0..).zip(tasks) {
        let answer = task.await.unwrap().unwrap_or_else(|error| panic!("{}", text(&error)));
        assert_eq!(answer, (n, n, "on".to_owned(), "5s".to_owned()));
    }
    // One failing query ends only its own transaction.
    let (failed, fine) = futures::join!(
        scalar::<i32>(&session, "SELECT 1/0 AS it"),
        scalar::<i32>(&session, "SELECT 1 AS it"),
    );
    assert_eq!(reason(failed), Reason::Query);
    assert_eq!(fine.unwrap(), 1);
}

#[tokio::test]
async fn each_pooled_transaction_is_guarded() {
    let server = start().await;
    let pooler = PgBouncer::start(&server).await.unwrap();
    let postgres = through(&pooler);
    let session = postgres.session(within(5)).await.unwrap();
    let in_force = guards::settings_in_force(&session).await;
    let expected = [
        ("transaction_read_only", "on"),
        ("statement_timeout", "5000"),
        ("lock_timeout", "500"),
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
    ];
    for (name, value) in expected {
        assert_eq!(in_force[name], value, "{name}");
    }
    let error = session.query("writing", "CREATE TABLE made()", &[]).await.unwrap_err();
    assert!(text(&error).contains("25006"), "{}", text(&error));

    // The next client of the same server process finds it as it was.
    let next = e2e::postgres::connect(&pooler.url(SUPERUSER)).await.unwrap();
    let rows = next.simple_query("SHOW statement_timeout").await.unwrap();
    let shown = rows.iter().find_map(|it| match it {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    assert_eq!(shown, Some("0"));
}

#[tokio::test]
async fn endless_rows_release_the_pooled_server() {
    let server = start().await;
    let pooler = PgBouncer::start(&server).await.unwrap();
    let settings = PostgresSettings {
        pgbouncer: true,
        statement_timeout: HumanDuration::seconds(600),
        ..settings(&pooler.url(SUPERUSER))
    };
    let postgres = Postgres::new(&settings).unwrap();
    let session = postgres.session(within(60)).await.unwrap();
    let sql = "SELECT generate_series(1, 1000000000) AS it";
    let error = session.query("listing numbers", sql, &[]).await.unwrap_err();
    assert_eq!(error.reason, Reason::Query, "{}", text(&error));
    let onlooker = server.connect(SUPERUSER).await.unwrap();
    eventually(SOON, || async {
        let left = backends(&onlooker).await;
        if left.iter().all(|(_, state)| state == "idle") {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await;
    // The pooler survives it, and a query that is given up as well.
    assert_eq!(ask::<i32>(&postgres, "SELECT 1 AS it").await.unwrap(), 1);
    let session = postgres.session(within(1)).await.unwrap();
    let outcome = scalar::<String>(&session, "SELECT pg_sleep(600)::text AS it").await;
    assert_eq!(reason(outcome), Reason::Timeout);
    assert_eq!(ask::<i32>(&postgres, "SELECT 1 AS it").await.unwrap(), 1);
}

#[tokio::test]
async fn pooled_servers_keep_no_state() {
    let server = start().await;
    server.execute(SUPERUSER, "CREATE TYPE mood AS ENUM ('sad', 'glad')").await.unwrap();
    let pooler =
        PgBouncer::builder(&server).setting("default_pool_size = 1").start().await.unwrap();
    let postgres = through(&pooler);
    let session = postgres.session(within(5)).await.unwrap();

    // A type that the driver does not know is an error at once, however many rows there are.
    for rows in [1, 50_000] {
        let sql = format!("SELECT 'sad'::mood AS it FROM generate_series(1, {rows})");
        let error = session.query("reading moods", &sql, &[]).await.unwrap_err();
        assert_eq!(error.reason, Reason::Query, "{}", text(&error));
        assert!(text(&error).contains("to text"), "{}", text(&error));
        let sql =
            format!("SELECT 'sad'::mood::text AS it FROM generate_series(1, {})", rows.min(9));
        assert_eq!(session.query("reading", &sql, &[]).await.unwrap().len(), rows.min(9));
    }
    // What cannot be a cursor, and what fails.
    assert_eq!(session.query("showing", "SHOW jit", &[]).await.unwrap().len(), 1);
    assert_eq!(reason(session.query("asking", "SELEC", &[]).await), Reason::Query);
    assert_eq!(reason(session.query("asking", "SELECT * FROM jobs", &[]).await), Reason::Missing);

    let left = "SELECT count(*) AS it FROM pg_prepared_statements";
    assert_eq!(scalar::<i64>(&session, left).await.unwrap(), 0);
    let left = "SELECT count(*) AS it FROM pg_cursors WHERE name <> ''";
    assert_eq!(scalar::<i64>(&session, left).await.unwrap(), 0);
}

#[tokio::test]
async fn console_is_queried_with_show() {
    let server = start().await;
    let pooler = PgBouncer::start(&server).await.unwrap();
    backend(&through(&pooler)).await.unwrap();
    let console = Postgres::console(&settings(&pooler.url("pgbouncer"))).unwrap();
    let session = console.session(within(5)).await.unwrap();
    let pools = session.show("reading the pools", "SHOW POOLS").await.unwrap();
    let databases: Vec<_> = pools.iter().filter_map(|it| it.get("database")).collect();
    assert!(databases.contains(&SUPERUSER), "{databases:?}");
    assert_eq!(reason(session.query("asking", "SHOW POOLS", &[]).await), Reason::Internal);
    let error = session.show("asking", "SHOW NOTHING").await.unwrap_err();
    assert!(matches!(error.reason, Reason::Query | Reason::Connect), "{}", text(&error));
    assert!(!session.show("reading the pools", "SHOW POOLS").await.unwrap().is_empty());
}

#[tokio::test]
async fn restarted_pooler_is_reconnected() {
    let server = start().await;
    let pooler = PgBouncer::start(&server).await.unwrap();
    let postgres = through(&pooler);
    assert_eq!(ask::<i32>(&postgres, "SELECT 1 AS it").await.unwrap(), 1);
    pooler.kill();
    let failed = reason(ask::<i32>(&postgres, "SELECT 1 AS it").await);
    assert!(matches!(failed, Reason::Connect | Reason::Unavailable), "{failed:?}");
    pooler.restart().await.unwrap();
    eventually(SOON, || async {
        ask::<i32>(&postgres, "SELECT 1 AS it").await.map_err(|it| text(&it))
    })
    .await;
}

#[tokio::test]
async fn pooler_refusals_have_reasons() {
    let server = start().await;
    let pooler = PgBouncer::builder(&server).setting("max_client_conn = 1").start().await.unwrap();
    let nobody =
        PostgresSettings { pgbouncer: true, ..settings(&pooler.url_as("nobody", "x", SUPERUSER)) };
    assert_eq!(reason(backend(&Postgres::new(&nobody).unwrap()).await), Reason::Auth);
    let first = through(&pooler);
    backend(&first).await.unwrap();
    assert_eq!(reason(backend(&through(&pooler)).await), Reason::Slots);
    first.close().await;
    let missing = PostgresSettings { pgbouncer: true, ..settings(&pooler.url("nothing")) };
    let error = backend(&Postgres::new(&missing).unwrap()).await.unwrap_err();
    assert_eq!(error.reason, Reason::Missing, "{}", text(&error));
}

#[tokio::test]
async fn unexpected_pooler_hints_at_the_setting() {
    let server = start().await;
    // One refuses the session's options, one swallows them.
    for ignored in ["extra_float_digits", "extra_float_digits,options"] {
        let setting = format!("ignore_startup_parameters = {ignored}");
        let pooler = PgBouncer::builder(&server).setting(&setting).start().await.unwrap();
        let error = backend(&postgres(&pooler.url(SUPERUSER))).await.unwrap_err();
        assert!(text(&error).contains("set `pgbouncer = true`"), "{}", text(&error));
        backend(&through(&pooler)).await.unwrap();
    }
}
