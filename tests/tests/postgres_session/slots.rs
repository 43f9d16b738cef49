//! One connection per target, whatever happens.

use e2e::eventually;
use tokio::time::sleep;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_sessions_share_one_backend() {
    let server = start().await;
    let postgres = postgres(&url(&server));
    let onlooker = server.connect(SUPERUSER).await.unwrap();
    let mut storm = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let postgres = postgres.clone();
        storm.spawn(async move { backend(&postgres).await.map_err(|it| text(&it)) });
    }
    let mut most = 0;
    let mut seen = std::collections::BTreeSet::new();
    while let Some(pid) = storm.join_next().await {
        seen.insert(pid.unwrap().unwrap());
        most = most.max(backends(&onlooker).await.len());
    }
    assert_eq!((most, seen.len()), (1, 1), "{seen:?}");

    // Also when it breaks underneath them.
    for _ in 0..200 {
        let postgres = postgres.clone();
        storm.spawn(async move { backend(&postgres).await.map_err(|it| text(&it)) });
    }
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE application_name = 'pulso-test'";
    onlooker.execute(kill, &[]).await.unwrap();
    let mut pids = std::collections::BTreeSet::new();
    while let Some(pid) = storm.join_next().await {
        // The ones that were asking when it ended fail; their scrape reports it.
        pids.extend(pid.unwrap().ok());
    }
    let asked = || async { backend(&postgres).await.map_err(|it| text(&it)) };
    pids.insert(eventually(SOON, asked).await);
    assert!(pids.len() <= 2, "{pids:?}");
    eventually(SOON, || async {
        let left = backends(&onlooker).await;
        if left.len() == 1 { Ok(()) } else { Err(format!("{left:?}")) }
    })
    .await;
}

#[tokio::test]
async fn full_server_is_retried() {
    let settings = ["max_connections = 5", "superuser_reserved_connections = 2"];
    let builder = settings.iter().fold(e2e::Postgres::builder(), |it, line| it.setting(line));
    let server = builder.start().await.unwrap();
    server.create_role("watcher", "w").await.unwrap();
    let url = server.url_as("watcher", "w", SUPERUSER);
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(e2e::postgres::connect(&url).await.unwrap());
    }
    let postgres = postgres(&url);
    let error = backend(&postgres).await.unwrap_err();
    assert_eq!(error.reason, Reason::Slots, "{}", text(&error));
    others.clear();
    eventually(SOON, || async { backend(&postgres).await.map_err(|it| text(&it)) }).await;
}

#[tokio::test]
async fn old_and_idle_connections_close() {
    let server = start().await;
    // One connection is all that the role may have.
    server.create_role("watcher", "w").await.unwrap();
    server.execute(SUPERUSER, "ALTER ROLE watcher CONNECTION LIMIT 1").await.unwrap();
    let onlooker = server.connect(SUPERUSER).await.unwrap();
    let settings = PostgresSettings {
        max_lifetime: HumanDuration::seconds(2),
        idle_timeout: HumanDuration::seconds(4),
        ..settings(&server.url_as("watcher", "w", SUPERUSER))
    };
    let postgres = Postgres::new(&settings).unwrap();
    let first = backend(&postgres).await.unwrap();
    assert_eq!(backend(&postgres).await.unwrap(), first);
    sleep(Duration::from_millis(2100)).await;
    let second = backend(&postgres).await.unwrap();
    assert_ne!(second, first);

    let none_left = || async {
        let left = backends(&onlooker).await;
        if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
    };
    eventually(SOON, none_left).await;
    assert_ne!(backend(&postgres).await.unwrap(), second);
    postgres.close().await;
    eventually(SOON, none_left).await;
}
