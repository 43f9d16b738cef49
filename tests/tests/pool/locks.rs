//! Locks on a real server.

use e2e::{Postgres, eventually, postgres};
use tokio::task::JoinHandle;

use crate::{SOON, exporter, monitor, scrape};

fn waiting(client: tokio_postgres::Client, sql: &'static str) -> JoinHandle<()> {
    tokio::spawn(async move {
        // It ends with the server.
        let _ = client.batch_execute(sql).await;
    })
}

#[tokio::test]
async fn all_waiters_behind_a_lock_count() {
    for version in postgres::versions() {
        let server = Postgres::builder().version(version).start().await.unwrap();
        monitor(&server).await;
        let exporter = exporter(&server, "").await;
        let samples = scrape(&exporter).await;
        assert_eq!(samples.sum("pool_blocked_backends", &[("datname", "postgres")]), Some(0.0));
        assert_eq!(samples.sum("pool_longest_lock_wait_seconds", &[]), Some(0.0));
        assert_eq!(samples.sum("pool_worst_blocker_blocked_backends", &[]), Some(0.0));

        let holder = server.connect("postgres").await.unwrap();
        holder.batch_execute("create table t (id int)").await.unwrap();
        holder.batch_execute("begin; lock table t").await.unwrap();
        let mut waiters = Vec::new();
        for sql in ["alter table t add column x int", "select * from t", "select * from t"] {
            waiters.push(waiting(server.connect("postgres").await.unwrap(), sql));
        }
        eventually(SOON, || async {
            let samples = scrape(&exporter).await;
            let of = |name| samples.sum(name, &[]).unwrap_or(-1.0);
            let seen = [
                of("pool_blocked_backends"),
                of("pool_blocking_backends"),
                of("pool_worst_blocker_blocked_backends"),
            ];
            let waited = of("pool_longest_lock_wait_seconds");
            if seen == [3.0, 1.0, 3.0] && waited > 1.0 {
                Ok(())
            } else {
                Err(format!("{version}: {seen:?} after {waited} s"))
            }
        })
        .await;
        let by_hand = "select count(*) from pg_locks l join pg_database d on d.oid = l.database \
                       where d.datname = 'postgres' and mode = 'AccessExclusiveLock'";
        let ask = server.connect("postgres").await.unwrap();
        let count: i64 = ask.query_one(by_hand, &[]).await.unwrap().get(0);
        let samples = scrape(&exporter).await;
        let mode = [("datname", "postgres"), ("mode", "accessexclusivelock")];
        assert_eq!(samples.sum("pg_locks_count", &mode), Some(count as f64), "{version}");
        assert!(count >= 2, "one holds it, one waits for it");

        holder.batch_execute("rollback").await.unwrap();
        for waiter in waiters {
            waiter.await.unwrap();
        }
        let samples = scrape(&exporter).await;
        assert_eq!(samples.sum("pool_blocked_backends", &[]), Some(0.0));
    }
}

#[tokio::test]
async fn a_deadlock_is_counted() {
    let server = Postgres::builder().setting("deadlock_timeout = 50ms").start().await.unwrap();
    monitor(&server).await;
    let exporter = exporter(&server, "").await;
    assert_eq!(scrape(&exporter).await.sum("pool_deadlocks_total", &[]), Some(0.0));
    let (one, other) =
        (server.connect("postgres").await.unwrap(), server.connect("postgres").await.unwrap());
    one.batch_execute("create table a (); create table b ()").await.unwrap();
    one.batch_execute("begin; lock table a").await.unwrap();
    other.batch_execute("begin; lock table b").await.unwrap();
    let (first, second) =
        tokio::join!(one.batch_execute("lock table b"), other.batch_execute("lock table a"));
    assert!(first.is_err() != second.is_err(), "exactly one of them is the victim");
    drop((one, other));
    eventually(SOON, || async {
        let count = scrape(&exporter).await.sum("pool_deadlocks_total", &[("datname", "postgres")]);
        if count == Some(1.0) { Ok(()) } else { Err(format!("{count:?} deadlocks")) }
    })
    .await;
}
