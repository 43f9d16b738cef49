//! A primary and its standby.

use e2e::{Postgres, Server, eventually, postgres};

use crate::{SOON, exporter, monitor, scrape};

#[tokio::test]
async fn unused_slot_retains_wal() {
    for version in postgres::versions() {
        let server = Postgres::builder().version(version).start().await.unwrap();
        monitor(&server).await;
        let exporter = exporter(&server, "").await;
        let ask = server.connect("postgres").await.unwrap();
        ask.batch_execute("select pg_create_physical_replication_slot('left', true)")
            .await
            .unwrap();
        ask.batch_execute("create table t as select generate_series(1, 20000) as id")
            .await
            .unwrap();
        let by_hand = "select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 \
                       from pg_replication_slots where slot_name = 'left'";
        let before: f64 = ask.query_one(by_hand, &[]).await.unwrap().get(0);
        let samples = scrape(&exporter).await;
        let after: f64 = ask.query_one(by_hand, &[]).await.unwrap().get(0);
        let labels = [("slot_name", "left"), ("slot_type", "physical")];
        let seen = samples.sum("pool_replication_slot_retained_bytes", &labels);
        assert!(seen.is_some_and(|it| before <= it && it <= after), "{version}: {seen:?}");
        assert!(before > 100_000.0);
        assert_eq!(samples.sum("pg_replication_slot_slot_is_active", &labels), Some(0.0));
        assert_eq!(samples.sum("pg_replication_is_replica", &[]), Some(0.0));
        assert_eq!(samples.sum("pg_replication_lag_seconds", &[]), Some(0.0));
        assert_eq!(samples.sum("pool_replication_receiver_up", &[]), None, "it is no standby");
    }
}

#[tokio::test]
async fn paused_replay_is_seen_on_both_servers() {
    let primary = Postgres::start().await.unwrap();
    monitor(&primary).await;
    let standby = primary.standby().start().await.unwrap();
    let (here, there) = (exporter(&primary, "").await, exporter(&standby, "").await);
    let write = primary.connect("postgres").await.unwrap();
    let control = standby.connect("postgres").await.unwrap();

    eventually(SOON, || async {
        let (here, there) = (scrape(&here).await, scrape(&there).await);
        let replay = [("stage", "replay")];
        let seen = [
            here.sum("pool_replication_standbys", &[("state", "streaming")]),
            here.sum("pool_replication_standby_lag_bytes", &replay),
            here.sum("pool_replication_standby_lag_seconds", &replay),
            there.sum("pg_replication_is_replica", &[]),
            there.sum("pool_replication_receiver_up", &[]),
            there.sum("pg_replication_lag_seconds", &[]),
            there.sum("pool_replication_replay_paused", &[]),
        ];
        let expected = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0].map(Some);
        if seen == expected { Ok(()) } else { Err(format!("{seen:?}")) }
    })
    .await;

    // A standby that has replayed no commit since it started does not know the age of the last.
    write.batch_execute("create table first ()").await.unwrap();
    eventually(SOON, || async {
        let replayed = "select pg_last_xact_replay_timestamp() is not null";
        let replayed: bool = control.query_one(replayed, &[]).await.unwrap().get(0);
        if replayed { Ok(()) } else { Err("nothing is replayed") }
    })
    .await;
    control.batch_execute("select pg_wal_replay_pause()").await.unwrap();
    write.batch_execute("create table t as select generate_series(1, 50000)").await.unwrap();
    eventually(SOON, || async {
        let (here, there) = (scrape(&here).await, scrape(&there).await);
        let replay = [("stage", "replay")];
        let seen = [
            here.sum("pool_replication_standby_lag_bytes", &replay),
            there.sum("pool_replication_replay_pending_bytes", &[]),
            here.sum("pool_replication_standby_lag_seconds", &replay),
            there.sum("pg_replication_lag_seconds", &[]),
            there.sum("pool_replication_replay_paused", &[]),
        ];
        let least = [1e6, 1e6, 1.0, 1.0, 1.0].map(Some);
        if seen.iter().zip(least).all(|(seen, least)| *seen >= least) {
            Ok(())
        } else {
            Err(format!("{seen:?}"))
        }
    })
    .await;

    // Without its primary a standby is late without knowing it.
    control.batch_execute("select pg_wal_replay_resume()").await.unwrap();
    primary.kill();
    eventually(SOON, || async {
        let there = scrape(&there).await;
        let up = there.sum("pool_replication_receiver_up", &[]);
        if up == Some(0.0) { Ok(()) } else { Err(format!("{up:?}")) }
    })
    .await;
}
