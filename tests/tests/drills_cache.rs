//! Faults of what is served from memory, in Redis and in PostgreSQL, each followed to the notification and
//! to its end.

#![allow(clippy::unwrap_used, reason = "a drill whose stack does not start has failed")]

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use e2e::{
    Live, SOON, Server, eventually,
    live::{CACHE, REPLICA, servers::CACHE_MEMORY},
    simulator::hv::DATABASE,
    webhook::NotifiedAlert,
};
use futures::{future::try_join_all, join};
use redis::aio::MultiplexedConnection;
use tokio::{net::TcpStream, time::sleep};

/// Five minutes in five seconds.
const SCALE: f64 = 60.0;

/// Five minutes in fifteen seconds: scrapes are far enough apart that a busy machine makes none fail.
const UNHURRIED: f64 = 20.0;

/// More keys than the cache may hold.
const TOO_MANY: usize = 100_000;

/// A receiver and the alert that it gets.
type Notified = (&'static str, &'static str);

async fn notified(live: &Live, (receiver, alert): Notified) -> NotifiedAlert {
    live.notified(CACHE, receiver, alert).await
}

async fn resolved(live: &Live, (receiver, alert): Notified) {
    live.resolved(receiver, alert).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flushed_scanned_or_full_cache_alerts() {
    let live = Live::healthy(SCALE).await;
    thrashed(&live).await;
    full(&live).await;
}

/// What was there is gone, and more is asked for than memory holds.
async fn thrashed(live: &Live) {
    const LOW: Notified = ("warning", "RedisHitRatioLow");
    const EVICTED: Notified = ("warning", "RedisEvictsWhatIsAskedFor");
    live.servers.redis.cli(&["FLUSHALL"]).unwrap();
    live.cache.scan(TOO_MANY);
    let alert = notified(live, LOW).await;
    assert_eq!(alert.labels["instance"], live.exporter(CACHE).address());
    notified(live, EVICTED).await;

    live.cache.settle();
    resolved(live, EVICTED).await;
    resolved(live, LOW).await;
}

/// Nothing may be evicted any more, so that writes are refused.
async fn full(live: &Live) {
    const FULL: Notified = ("critical", "RedisMemoryNearLimit");
    let policy = |policy| live.servers.redis.cli(&["CONFIG", "SET", "maxmemory-policy", policy]);
    policy("noeviction").unwrap();
    live.cache.scan(TOO_MANY);
    notified(live, FULL).await;
    // It comes before the last byte is taken.
    eventually(SOON, || async {
        match live.servers.redis.cli(&["SET", "one", "more"]) {
            Err(refused) if refused.to_string().contains("OOM") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;

    live.cache.settle();
    policy("allkeys-lru").unwrap();
    resolved(live, FULL).await;
    assert_eq!(live.servers.redis.cli(&["CONFIG", "GET", "maxmemory"]).unwrap(), bytes());
}

fn bytes() -> String {
    let megabytes: u64 = CACHE_MEMORY.trim_end_matches("mb").parse().unwrap();
    format!("maxmemory\n{}", megabytes << 20)
}

#[tokio::test(flavor = "multi_thread")]
async fn unsaved_slow_or_crowded_cache_alerts() {
    let live = Live::healthy(SCALE).await;
    // Both are open before the server becomes slow, and before it refuses connections.
    let script = live.servers.redis.connect().await.unwrap();
    let admin = live.servers.redis.connect().await.unwrap();
    join!(unsaved(&live), slow(&live, script));
    crowded(&live, admin).await;
}

/// The folder of its snapshots may not be written.
async fn unsaved(live: &Live) {
    const FAILING: Notified = ("critical", "RedisPersistenceFailing");
    let folder = live.servers.redis.cli(&["CONFIG", "GET", "dir"]).unwrap();
    let folder = folder.lines().last().unwrap();
    let usual = fs::metadata(folder).unwrap().permissions();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).unwrap();
    live.servers.redis.cli(&["BGSAVE"]).unwrap();
    notified(live, FAILING).await;

    fs::set_permissions(folder, usual).unwrap();
    live.servers.redis.cli(&["BGSAVE"]).unwrap();
    resolved(live, FAILING).await;
}

/// Somebody's script takes its time, again and again.
async fn slow(live: &Live, mut connection: MultiplexedConnection) {
    const LATE: Notified = ("warning", "RedisLatencyHigh");
    const SCRIPT: &str = "local n = 0; for i = 1, 3000000 do n = n + i end; return n";
    let toil = async {
        loop {
            let mut run = redis::cmd("EVAL");
            run.arg(SCRIPT).arg(0);
            run.query_async::<i64>(&mut connection).await.unwrap();
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = toil => {}
        _ = notified(live, LATE) => {}
    }
    resolved(live, LATE).await;
}

/// More clients come than the server accepts. Between two crowds there is room, so that an exporter which
/// lost its connection on a busy machine gets in again and sees how many were refused.
async fn crowded(live: &Live, mut admin: MultiplexedConnection) {
    const REJECTED: Notified = ("critical", "RedisConnectionsRejected");
    const MOST: usize = 16;
    let mut limit = redis::cmd("CONFIG");
    limit.arg("SET").arg("maxclients");
    limit.clone().arg(MOST).exec_async(&mut admin).await.unwrap();
    let address = ("127.0.0.1", live.servers.redis.port());
    let crowd = async {
        loop {
            let clients = (0..=MOST).map(|_| TcpStream::connect(address));
            let held = try_join_all(clients).await.unwrap();
            sleep(Duration::from_millis(200)).await;
            drop(held);
            sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        () = crowd => {}
        _ = notified(live, REJECTED) => {}
    }
    limit.arg(10_000).exec_async(&mut admin).await.unwrap();
    resolved(live, REJECTED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_replica_and_dead_cache_alert() {
    let live = Live::healthy(UNHURRIED).await;
    cut_off(&live).await;
    frozen(&live).await;
    killed(&live).await;
}

async fn cut_off(live: &Live) {
    const BROKEN: Notified = ("critical", "RedisReplicationBroken");
    const LOST: Notified = ("warning", "RedisReplicaLost");
    let follow = |port: &str| live.servers.replica.cli(&["REPLICAOF", "127.0.0.1", port]).unwrap();
    // Nobody listens there.
    follow("1");
    let alert = notified(live, BROKEN).await;
    assert_eq!(alert.labels["instance"], REPLICA);
    let alert = notified(live, LOST).await;
    assert_eq!(alert.labels["instance"], live.exporter(CACHE).address());

    follow(&live.servers.redis.port().to_string());
    resolved(live, BROKEN).await;
    resolved(live, LOST).await;
}

const DOWN: Notified = ("critical", "RedisDown");

async fn frozen(live: &Live) {
    live.servers.redis.freeze();
    let alert = notified(live, DOWN).await;
    assert_eq!(alert.labels["instance"], live.exporter(CACHE).address());
    // The exporter answers in time, and the database is still up.
    for metric in ["up", "pg_up"] {
        let expr = format!("{metric}{{job=\"{CACHE}\",instance!=\"{REPLICA}\"}}");
        live.prometheus.has_value(&expr, 1.0).await;
    }
    live.servers.redis.thaw();
    resolved(live, DOWN).await;
}

async fn killed(live: &Live) {
    // The same alert was sent and resolved before.
    live.sink.clear();
    live.servers.redis.kill();
    notified(live, DOWN).await;
    live.servers.redis.restart().await.unwrap();
    resolved(live, DOWN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bloat_spills_scans_and_checkpoints_alert() {
    let live = Live::healthy(SCALE).await;
    let prepared = "create table ledger (id int primary key, note text) with (autovacuum_enabled = off);
         insert into ledger select i, repeat('x', 40) from generate_series(1, 40000) i;
         create table archive as select i, repeat('x', 1000) as note from generate_series(1, 60000) i;
         analyze";
    live.servers.postgres.execute(DATABASE, prepared).await.unwrap();
    join!(bloated(&live), spilled(&live), scanned(&live), hasty(&live));
}

/// Every row is updated, and vacuum does not run.
async fn bloated(live: &Live) {
    const DEAD: Notified = ("warning", "DeadRowsMany");
    const BEHIND: Notified = ("warning", "AutovacuumBehind");
    let postgres = &live.servers.postgres;
    let client = postgres.connect(DATABASE).await.unwrap();
    for _ in 0..2 {
        client.batch_execute("update ledger set note = note || '.'").await.unwrap();
    }
    let alert = notified(live, DEAD).await;
    assert_eq!(alert.labels["relname"], "ledger");
    notified(live, BEHIND).await;
    // What holds back rows that vacuum would remove is somebody's snapshot; here it is nobody's.
    client.batch_execute("vacuum ledger").await.unwrap();
    resolved(live, DEAD).await;
    resolved(live, BEHIND).await;
}

/// Repeats a statement until the alert is sent.
async fn repeated(live: &Live, sql: &str, alert: Notified) -> NotifiedAlert {
    let client = live.servers.postgres.connect(DATABASE).await.unwrap();
    let toil = async {
        loop {
            client.batch_execute(sql).await.unwrap();
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = toil => unreachable!("it never ends"),
        alert = notified(live, alert) => alert,
    }
}

/// Sorts that do not fit into the memory that they may use.
async fn spilled(live: &Live) {
    const LARGE: Notified = ("warning", "TemporaryFilesLarge");
    let sort = "set work_mem = '64kB'; \
                select count(*) from (select note from archive order by note, i offset 1) s";
    let alert = repeated(live, sort, LARGE).await;
    assert_eq!(alert.labels["datname"], DATABASE);
    resolved(live, LARGE).await;
}

/// A table larger than the cache is read whole.
async fn scanned(live: &Live) {
    const LOW: Notified = ("warning", "CacheHitRatioLow");
    let alert = repeated(live, "select count(*) from archive", LOW).await;
    assert_eq!(alert.labels["datname"], DATABASE);
    resolved(live, LOW).await;
}

async fn hasty(live: &Live) {
    const FREQUENT: Notified = ("warning", "CheckpointsTooFrequent");
    repeated(live, "checkpoint", FREQUENT).await;
    resolved(live, FREQUENT).await;
}
