//! Whatever the database answers, memory is bounded and the neighbours go on.

use futures::join;

use super::*;

#[tokio::test]
async fn too_many_rows_fail_only_their_query() {
    let server = start().await;
    let postgres = patient(&server);
    let session = postgres.session(within(60)).await.unwrap();
    let before: i32 = scalar(&session, "SELECT pg_backend_pid() AS it").await.unwrap();

    let series = |sql: &'static str| session.query("listing numbers", sql, &[]);
    let (exactly, over, beside) = join!(
        series("SELECT generate_series(1, 10000) AS it"),
        series("SELECT generate_series(1, 10001) AS it"),
        scalar::<i32>(&session, "SELECT 7 AS it"),
    );
    assert_eq!(exactly.unwrap().len(), 10_000);
    let error = over.unwrap_err();
    assert_eq!(error.reason, Reason::Query);
    assert!(text(&error).contains("more than 10000 rows"), "{}", text(&error));
    assert_eq!(beside.unwrap(), 7);
    let session = session.with_row_limit(20_000);
    let rows = session.query("listing", "SELECT generate_series(1, 10001) AS it", &[]).await;
    assert_eq!(rows.unwrap().len(), 10_001);
    assert_eq!(backend(&postgres).await.unwrap(), before);
}

#[tokio::test]
async fn endless_rows_close_the_connection() {
    let server = start().await;
    let postgres = patient(&server);
    let session = postgres.session(within(60)).await.unwrap();
    let sql = "SELECT generate_series(1, 1000000000) AS it";
    let error = session.query("listing numbers", sql, &[]).await.unwrap_err();
    assert_eq!(error.reason, Reason::Query, "{}", text(&error));
    assert_eq!(ask::<i32>(&postgres, "SELECT 1 AS it").await.unwrap(), 1);

    let onlooker = server.connect(SUPERUSER).await.unwrap();
    let left = backends(&onlooker).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].1, "idle");
}

#[tokio::test]
async fn wide_rows_are_bounded() {
    let server = start().await;
    let postgres = patient(&server);
    let session = postgres.session(within(60)).await.unwrap();
    let sql = "SELECT repeat('x', 1 << 20) AS it FROM generate_series(1, 20)";
    let error = session.query("listing texts", sql, &[]).await.unwrap_err();
    assert!(text(&error).contains("more than 16 MiB"), "{}", text(&error));
}

#[tokio::test]
async fn rows_can_be_streamed() {
    let server = start().await;
    let postgres = patient(&server);
    let session = postgres.session(within(60)).await.unwrap();
    let sql = "SELECT generate_series(1, 50000)::bigint AS it";
    let mut sum = 0;
    let each = |row: &_| {
        sum += column::<i64>(row, "it")?;
        Ok(())
    };
    session.query_each("adding numbers", sql, &[], each).await.unwrap();
    assert_eq!(sum, 50_000 * 50_001 / 2);

    let mut seen = 0;
    let refusing = |_: &_| {
        seen += 1;
        Err(CollectError::new(Reason::Parse, "refusing"))
    };
    let outcome = session.query_each("adding numbers", sql, &[], refusing).await;
    assert_eq!(reason(outcome), Reason::Parse);
    assert_eq!(seen, 1);
    assert_eq!(scalar::<i32>(&session, "SELECT 1 AS it").await.unwrap(), 1);
}

#[tokio::test]
async fn stale_statements_are_prepared_again() {
    let server = start().await;
    let postgres = patient(&server);
    let setup = "CREATE TABLE jobs(id int); INSERT INTO jobs VALUES (1)";
    server.execute(SUPERUSER, setup).await.unwrap();
    let session = postgres.session(within(60)).await.unwrap();
    let read = async || session.query("reading jobs", "SELECT * FROM jobs", &[]).await.unwrap();
    let prepared = "SELECT count(*) AS it FROM pg_prepared_statements";

    read().await;
    read().await;
    assert_eq!(scalar::<i64>(&session, prepared).await.unwrap(), 2);
    server.execute(SUPERUSER, "ALTER TABLE jobs ADD COLUMN name text DEFAULT 'new'").await.unwrap();
    let rows = read().await;
    assert_eq!(column::<String>(&rows[0], "name").unwrap(), "new");
    assert_eq!(scalar::<i64>(&session, prepared).await.unwrap(), 2);
}

#[tokio::test]
async fn concurrent_queries_are_pipelined() {
    let server = start().await;
    let postgres = patient(&server);
    let session = postgres.session(within(60)).await.unwrap();
    // Each text once, so that preparing is not measured below.
    let question = async |n: i32| {
        let params: [common::source::postgres::Parameter<'_>; 1] =
            [(&n, tokio_postgres::types::Type::INT4)];
        let rows = session.query("echoing", "SELECT $1 AS it", &params).await.unwrap();
        column::<i32>(&rows[0], "it").unwrap()
    };
    question(0).await;
    let answers = futures::future::join_all((0..500).map(question)).await;
    assert_eq!(answers, (0..500).collect::<Vec<_>>());
}
