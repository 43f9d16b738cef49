//! Faults of connections, pools, locks, statements and replication in the live system, each
//! followed to the notification and to its end.

#![allow(clippy::unwrap_used, reason = "a drill whose stack does not start has failed")]

use std::time::Duration;

use e2e::{
    Live, SOON, Server, eventually,
    live::{
        POOL,
        servers::{APPLICATION, POOL_SIZE},
    },
    postgres::connect,
    simulator::hv::DATABASE,
};
use futures::join;
use tokio::{task::JoinSet, time::sleep};

/// Five minutes in five seconds.
const SCALE: f64 = 60.0;

/// Five minutes in fifteen seconds: scrapes are far enough apart that a busy machine makes none fail.
const UNHURRIED: f64 = 20.0;

/// A receiver and the alert that it gets.
type Notified = (&'static str, &'static str);

/// Waits until each is sent, and gives them in the same order.
async fn notified(live: &Live, alerts: &[Notified]) -> Vec<e2e::webhook::NotifiedAlert> {
    let mut all = Vec::new();
    for (receiver, alert) in alerts {
        all.push(live.notified(POOL, receiver, alert).await);
    }
    all
}

async fn resolved(live: &Live, alerts: &[Notified]) {
    for (receiver, alert) in alerts {
        live.resolved(receiver, alert).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_transactions_exhaust_both_pools() {
    const CAUSED: [Notified; 7] = [
        ("critical", "PgBouncerPoolExhausted"),
        ("warning", "PgBouncerClientsWaiting"),
        ("critical", "PgBouncerWaitTooLong"),
        ("warning", "ApplicationPoolNearLimit"),
        ("critical", "DatabaseConnectionPoolExhausted"),
        ("warning", "IdleInTransactionTooLong"),
        ("warning", "TransactionTooLong"),
    ];
    let live = Live::healthy(SCALE).await;
    live.web.leak(POOL_SIZE as usize + 2);

    let alerts = notified(&live, &CAUSED).await;
    let pair = [("database", DATABASE), ("user", APPLICATION.0)];
    for (label, value) in pair {
        assert!(alerts[..3].iter().all(|it| it.labels[label] == value), "{alerts:#?}");
    }
    assert_eq!(alerts[4].labels["pool"], "web");
    assert_eq!(alerts[5].labels["datname"], DATABASE);
    // The name that the operators' own rules use.
    live.prometheus.has_value("db_connection_pool_available{pool=\"web\"}", 0.0).await;

    live.web.heal();
    resolved(&live, &CAUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_deadlocks_and_slow_queries_alert() {
    let live = Live::healthy(SCALE).await;
    let prepared = "create table ledger (id int primary key, cents int);
                    insert into ledger values (1, 0), (2, 0);
                    create table archive ()";
    live.servers.postgres.execute(DATABASE, prepared).await.unwrap();
    join!(blocked(&live), deadlocked(&live), slow(&live));
}

/// Somebody holds a lock, and seven pile up behind it.
async fn blocked(live: &Live) {
    const CAUSED: [Notified; 2] = [("warning", "LockWaitTooLong"), ("critical", "BackendsBlocked")];
    let holder = live.servers.postgres.connect(DATABASE).await.unwrap();
    holder.batch_execute("begin; lock table archive").await.unwrap();
    let mut waiters = JoinSet::new();
    for _ in 0..7 {
        let waiter = live.servers.postgres.connect(DATABASE).await.unwrap();
        waiters.spawn(async move { waiter.batch_execute("select count(*) from archive").await });
    }
    let alerts = notified(live, &CAUSED).await;
    assert_eq!(alerts[1].labels["datname"], DATABASE);
    // Those of the deadlock beside it have another to wait for.
    live.prometheus.has_value("max(pool_worst_blocker_blocked_backends)", 7.0).await;

    holder.batch_execute("rollback").await.unwrap();
    while let Some(waited) = waiters.join_next().await {
        waited.unwrap().unwrap();
    }
    resolved(live, &CAUSED).await;
}

/// Two transactions take the same rows in opposite order, over and over.
async fn deadlocked(live: &Live) {
    const CAUSED: [Notified; 1] = [("warning", "Deadlocks")];
    let (one, other) = (
        live.servers.postgres.connect(DATABASE).await.unwrap(),
        live.servers.postgres.connect(DATABASE).await.unwrap(),
    );
    let begin = "set deadlock_timeout = '100ms'; begin";
    let (first, second) =
        ("update ledger set cents = 1 where id = 1", "update ledger set cents = 1 where id = 2");
    let embrace = async {
        loop {
            // Each holds its row before either asks for the other's.
            for (client, sql) in [(&one, begin), (&other, begin), (&one, first), (&other, second)] {
                client.batch_execute(sql).await.unwrap();
            }
            let both = join!(one.batch_execute(second), other.batch_execute(first));
            assert!(both.0.is_err() || both.1.is_err(), "nobody was the victim");
            let _ = join!(one.batch_execute("rollback"), other.batch_execute("rollback"));
            sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = embrace => {}
        alerts = notified(live, &CAUSED) => assert_eq!(alerts[0].labels["datname"], DATABASE),
    }
    resolved(live, &CAUSED).await;
}

/// The web application's questions become slow, and they are more than a twentieth of all.
async fn slow(live: &Live) {
    const CAUSED: [Notified; 1] = [("warning", "DatabaseSlow")];
    live.web.slow_down(Duration::from_millis(600));
    notified(live, &CAUSED).await;
    // The name that the operators' own rules use, in milliseconds.
    live.prometheus.find(&["max(pg_query_latency) > 500"], || ()).await;
    live.web.slow_down(Duration::ZERO);
    resolved(live, &CAUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_slots_page_before_and_after_refusal() {
    const CAUSED: [Notified; 4] = [
        ("warning", "ConnectionsNearLimit"),
        ("critical", "OnlyReservedConnectionsLeft"),
        ("warning", "RoleConnectionsNearLimit"),
        ("warning", "DatabaseConnectionsNearLimit"),
    ];
    let live = Live::healthy(SCALE).await;
    let limits = format!(
        "alter role {} connection limit 95; alter database {DATABASE} connection limit 100",
        APPLICATION.0
    );
    // Opened before the slots are gone.
    let admin = live.servers.postgres.connect(DATABASE).await.unwrap();
    admin.batch_execute(&limits).await.unwrap();
    let (role, password) = APPLICATION;
    let url = live.servers.postgres.url_as(role, password, DATABASE);
    let mut hoard = JoinSet::new();
    hoard.spawn(async move {
        let mut held = Vec::new();
        loop {
            match connect(&url).await {
                Ok(client) => held.push(client),
                Err(_) => sleep(Duration::from_millis(5)).await,
            }
        }
    });
    let alerts = notified(&live, &CAUSED).await;
    assert_eq!(alerts[2].labels["rolname"], role);
    assert_eq!(alerts[3].labels["datname"], DATABASE);
    assert!(alerts[1].annotations["description"].starts_with("0 connections"), "{alerts:#?}");

    // The exporter has held its connection so far. Once it has lost it, it gets none: with the reserved
    // slots taken as well, the one that it leaves is a reserved one.
    let mut reserved = Vec::new();
    while let Ok(client) = live.servers.postgres.connect(DATABASE).await {
        reserved.push(client);
    }
    let terminate = format!(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity
         where usename = 'pulso' and application_name = 'pulso-{POOL}'"
    );
    eventually(SOON, || async {
        admin.batch_execute(&terminate).await.map_err(|it| it.to_string())?;
        let refused = format!(
            "min(pg_up{{job=\"{POOL}\",instance!=\"standby\"}}) == 0 and on () \
             max(pulso_collector_failures_total{{job=\"{POOL}\",reason=\"slots\"}}) > 0"
        );
        let seen = live.prometheus.value(&refused).await.map_err(|it| it.to_string())?;
        seen.map(drop).ok_or_else(|| "the exporter still has a connection".to_owned())
    })
    .await;
    live.notified(POOL, "critical", "PostgresDown").await;

    drop(reserved);
    hoard.shutdown().await;
    live.resolved("critical", "PostgresDown").await;
    resolved(&live, &CAUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stalled_standby_and_frozen_pooler_alert() {
    let live = Live::healthy(UNHURRIED).await;
    join!(late(&live), frozen_pooler(&live));
    lost(&live).await;
}

/// Somebody paused the replay, and the primary goes on.
async fn late(live: &Live) {
    const CAUSED: [Notified; 1] = [("warning", "ReplicationLagging")];
    let standby = live.servers.standby.connect(DATABASE).await.unwrap();
    standby.batch_execute("select pg_wal_replay_pause()").await.unwrap();
    let alerts = notified(live, &CAUSED).await;
    // As the primary sees it: the standby's own exporter may be down with it.
    assert_eq!(alerts[0].labels["instance"], live.exporter(POOL).address());
    assert_eq!(alerts[0].labels["stage"], "replay");
    standby.batch_execute("select pg_wal_replay_resume()").await.unwrap();
    resolved(live, &CAUSED).await;
}

async fn frozen_pooler(live: &Live) {
    const CAUSED: [Notified; 1] = [("critical", "PgBouncerDown")];
    live.servers.pooler.freeze();
    notified(live, &CAUSED).await;
    let database = format!("pg_up{{job=\"{POOL}\",instance!=\"standby\"}}");
    // The database itself answers.
    live.prometheus.has_value(&database, 1.0).await;
    live.servers.pooler.thaw();
    resolved(live, &CAUSED).await;
}

/// The primary is gone, and the standby reports that its receiver is down.
async fn lost(live: &Live) {
    live.servers.postgres.kill();
    let notified = live.notified(POOL, "warning", "ReplicationReceiverDown").await;
    assert_eq!(notified.labels["instance"], e2e::live::STANDBY);
    live.servers.postgres.restart().await.unwrap();
    live.resolved("warning", "ReplicationReceiverDown").await;
}
