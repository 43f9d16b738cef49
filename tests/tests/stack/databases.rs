//! PostgreSQL, PgBouncer and Redis.

use std::{fs, time::Duration};

use e2e::{PgBouncer, Postgres, Redis, Server, eventually, postgres, redis::Flavor};
use tokio::time::{sleep, timeout};

use crate::{SOON, leaves_nothing};

async fn one(url: &str) -> Result<i32, String> {
    let client = postgres::connect(url).await.map_err(|error| format!("{error:?}"))?;
    let row = client.query_one("select 1", &[]).await.map_err(|error| error.to_string())?;
    Ok(row.get(0))
}

#[tokio::test]
async fn postgres_of_every_version_asked_for() {
    for version in postgres::versions() {
        let server = Postgres::builder().version(version).start().await.unwrap();
        let client = server.connect("postgres").await.unwrap();
        let row = client.query_one("show server_version_num", &[]).await.unwrap();
        let number: u32 = row.get::<_, &str>(0).parse().unwrap();
        assert_eq!(number / 10_000, version.major());
        leaves_nothing(server);
    }
}

#[tokio::test]
async fn postgres_frozen_thawed_killed_restarted() {
    let server = Postgres::start().await.unwrap();
    let kept = server.connect("postgres").await.unwrap();
    kept.batch_execute("create table note as select 'kept' as text").await.unwrap();

    server.freeze();
    let asked = kept.query_one("select 1", &[]);
    assert!(timeout(Duration::from_millis(300), asked).await.is_err(), "a frozen server answered");
    server.thaw();
    timeout(SOON, kept.query_one("select 1", &[])).await.expect("thawed, it answers").unwrap();

    let port = server.port();
    server.kill();
    assert!(server.process().exited().is_some());
    assert!(one(&server.url("postgres")).await.is_err(), "a killed server answered");
    assert!(kept.query_one("select 1", &[]).await.is_err(), "a killed backend answered");

    server.restart().await.unwrap();
    assert_eq!(server.port(), port);
    let client = server.connect("postgres").await.unwrap();
    let row = client.query_one("select text from note", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "kept");

    // Dropped while it is frozen, with a client that is connected.
    server.freeze();
    leaves_nothing(server);
}

#[tokio::test]
async fn postgres_killed_leaves_no_shared_memory() {
    let segments = || fs::read_to_string("/proc/sysvipc/shm").unwrap();
    let server = Postgres::start().await.unwrap();
    let pid = server.process().pid().to_string();
    let mine = |text: &str| {
        let owner = |line: &str| line.split_ascii_whitespace().nth(4) == Some(&pid);
        text.lines().any(owner)
    };
    assert!(mine(&segments()), "the postmaster {pid} has no segment in\n{}", segments());
    server.kill();
    drop(server);
    assert!(!mine(&segments()), "{}", segments());
}

#[tokio::test]
async fn postgres_wants_a_password_and_offers_tls() {
    let server = Postgres::builder().tls("postgres").start().await.unwrap();
    let refused = one(&server.url_as("postgres", "wrong", "postgres")).await.unwrap_err();
    assert!(refused.contains("password authentication failed"), "{refused}");

    let client = server.connect("postgres").await.unwrap();
    let row = client.query_one("show ssl", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "on");
    let certificates = server.certificates().unwrap();
    assert!(certificates.ca().is_file() && certificates.client_key().is_file());
}

#[tokio::test]
async fn postgres_with_preloaded_extensions() {
    let server = Postgres::builder()
        .preload("pg_stat_statements")
        .pg_cron("jobs")
        .setting("max_connections = 30")
        .start()
        .await
        .unwrap();
    server.create_database("jobs").await.unwrap();
    let extensions = "create extension pg_stat_statements; create extension pg_cron";
    server.execute("jobs", extensions).await.unwrap();
    let client = server.connect("jobs").await.unwrap();
    client.batch_execute("select cron.schedule('tick', '* * * * *', 'select 1')").await.unwrap();
    eventually(SOON, || async {
        let launchers =
            "select count(*) from pg_stat_activity where backend_type = 'pg_cron launcher'";
        let row = client.query_one(launchers, &[]).await.unwrap();
        if row.get::<_, i64>(0) == 1 {
            Ok(())
        } else {
            Err(format!("no launcher; {}", server.log()))
        }
    })
    .await;
    let row = client.query_one("show max_connections", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "30");
}

#[tokio::test]
async fn a_server_that_cannot_start_shows_its_log() {
    let builder = Postgres::builder().setting("max_connections = many");
    let error = builder.start().await.unwrap_err().to_string();
    assert!(error.contains("invalid value for parameter \"max_connections\""), "{error}");
}

#[tokio::test]
async fn pgbouncer_pools_and_comes_back() {
    let server = Postgres::start().await.unwrap();
    server.create_role("app", "app-secret").await.unwrap();
    let pooler = PgBouncer::builder(&server)
        .user("app", "app-secret")
        .mode("session")
        .start()
        .await
        .unwrap();
    assert_eq!(one(&pooler.url("postgres")).await, Ok(1));
    assert_eq!(one(&pooler.url_as("app", "app-secret", "postgres")).await, Ok(1));

    let console = postgres::connect(&pooler.url("pgbouncer")).await.unwrap();
    let answer = console.simple_query("show config").await.unwrap();
    let mode = answer.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) if row.get("key") == Some("pool_mode") => {
            row.get("value").map(str::to_owned)
        }
        _ => None,
    });
    assert_eq!(mode.as_deref(), Some("session"));

    pooler.freeze();
    let url = pooler.url("postgres");
    assert!(timeout(Duration::from_millis(300), one(&url)).await.is_err());
    pooler.thaw();
    pooler.kill();
    assert!(one(&url).await.is_err());
    pooler.restart().await.unwrap();
    assert_eq!(one(&url).await, Ok(1));
    leaves_nothing(pooler);
}

#[tokio::test]
async fn redis_with_password_tls_and_replica() {
    let primary = Redis::builder().password("secret").tls().start().await.unwrap();
    let replica = Redis::builder().replica_of(&primary).start().await.unwrap();
    assert_eq!(primary.cli(&["set", "key", "value"]).unwrap(), "OK");
    eventually(SOON, || async {
        let value = replica.cli(&["get", "key"]).unwrap();
        if value == "value" { Ok(()) } else { Err(format!("the replica has {value:?}")) }
    })
    .await;

    let port = primary.tls_port().unwrap().to_string();
    let ca = primary.certificates().unwrap().ca();
    let secure = ["--tls", "--cacert", ca.to_str().unwrap(), "-p", &port, "-a", "secret", "ping"];
    assert_eq!(primary.cli(&secure).unwrap(), "PONG");

    primary.kill();
    assert!(primary.cli(&["ping"]).is_err());
    primary.restart().await.unwrap();
    assert_eq!(primary.cli(&["exists", "key"]).unwrap(), "0");
    leaves_nothing(primary);
    leaves_nothing(replica);
}

#[tokio::test]
async fn redis_frozen_and_thawed() {
    let server = Redis::start().await.unwrap();
    server.freeze();
    let port = server.port().to_string();
    let mut asked = tokio::process::Command::new("redis-cli")
        .args(["-p", &port, "ping"])
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(300)).await;
    assert!(asked.try_wait().unwrap().is_none(), "a frozen server answered");
    server.thaw();
    assert!(timeout(SOON, asked.wait()).await.expect("thawed, it answers").unwrap().success());
}

/// The other servers are there after `scripts/fetch-redis`, as `make test` runs it.
#[tokio::test]
async fn redis_of_other_versions() {
    for (flavor, version) in [(Flavor::Redis62, "6.2."), (Flavor::Valkey9, "9.")] {
        let server = Redis::builder().flavor(flavor).start().await.unwrap();
        let info = server.cli(&["info", "server"]).unwrap();
        let shown = ["valkey_version:", "redis_version:"]
            .iter()
            .find_map(|key| info.lines().find_map(|line| line.strip_prefix(key)).map(str::trim));
        assert!(shown.is_some_and(|shown| shown.starts_with(version)), "{info}");
        leaves_nothing(server);
    }
}
