//! Measurements of the database behind the exporters.

use std::time::Duration;

use tokio_postgres::Client;

use crate::{Postgres, StackError, postgres::Builder};

/// Mean time that an exporter's statements took of the database in one scrape, since
/// `pg_stat_statements` was reset and when nothing else ran.
pub(super) async fn statement_time(db: &Client, scrapes: usize) -> Result<Duration, StackError> {
    let sql =
        "select coalesce(sum(total_exec_time + total_plan_time), 0)::float8 from pg_stat_statements
               where query not like '%pg_stat_statements_reset%'";
    let row =
        db.query_one(sql, &[]).await.map_err(StackError::sql("reading pg_stat_statements"))?;
    Ok(Duration::from_secs_f64(row.get::<_, f64>(0) / 1e3 / scrapes as f64))
}

/// Connections that our exporters hold to the database.
pub(super) async fn connections(db: &Client) -> Result<i64, StackError> {
    let sql = "select count(*) from pg_stat_activity
               where application_name like 'pulso%' and datname = current_database()";
    let row = db.query_one(sql, &[]).await.map_err(StackError::sql("counting connections"))?;
    Ok(row.get(0))
}

/// A server with a database of `count` tables, and a connection to it.
pub(super) async fn with_tables(
    server: Builder,
    count: u32,
) -> Result<(Postgres, Client), StackError> {
    let postgres = server
        // All tables are made in one transaction.
        .setting("max_locks_per_transaction = 1024")
        .setting("autovacuum = off")
        .preload("pg_stat_statements")
        .start()
        .await?;
    postgres.create_database("app").await?;
    let db = postgres.connect("app").await?;
    run_sql(&db, "create extension pg_stat_statements").await?;
    run_sql(&db, &each("create table t%s (id int primary key, note text)", count)).await?;
    Ok((postgres, db))
}

/// A statement for every number up to `count`, which takes the place of `%s`.
pub(super) fn each(statement: &str, count: u32) -> String {
    format!(
        "do $$ begin for i in 1..{count} loop execute format('{statement}', i); end loop; end $$"
    )
}

/// Runs statements without parameters.
pub(super) async fn run_sql(db: &Client, sql: &str) -> Result<(), StackError> {
    let beginning: String = sql.chars().take(80).collect();
    db.batch_execute(sql).await.map_err(StackError::sql(format!("running {beginning}")))
}
