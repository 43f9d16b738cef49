//! Whatever happens to the server, the exporter learns of it in time and recovers.

use std::{fs, os::unix::fs::PermissionsExt};

use e2e::{Server as _, eventually};
use tokio::time::{sleep, timeout};

use super::*;

#[tokio::test]
async fn killed_server_is_reconnected() {
    let server = start().await;
    let postgres = postgres(&url(&server));
    backend(&postgres).await.unwrap();

    server.kill();
    let first = reason(backend(&postgres).await);
    assert!(matches!(first, Reason::Connect | Reason::Unavailable), "{first:?}");
    // It is tried again after pauses; until then each scrape fails at once with the reason.
    for _ in 0..20 {
        let watch = Stopwatch::start(&[]);
        let error = backend(&postgres).await.unwrap_err();
        assert_eq!(error.reason, Reason::Connect, "{}", text(&error));
        let took = watch.elapsed();
        assert!(took < Duration::from_secs(1), "{took:?}");
        sleep(Duration::from_millis(20)).await;
    }

    server.restart().await.unwrap();
    eventually(SOON, || async { backend(&postgres).await.map_err(|it| text(&it)) }).await;
}

#[tokio::test]
async fn absent_server_is_awaited() {
    let server = start().await;
    let postgres = postgres(&url(&server));
    server.kill();
    assert_eq!(reason(backend(&postgres).await), Reason::Connect);
    server.restart().await.unwrap();
    eventually(SOON, || async { backend(&postgres).await.map_err(|it| text(&it)) }).await;
}

#[tokio::test]
async fn terminated_session_is_replaced() {
    let server = start().await;
    let postgres = patient(&server);
    let before = backend(&postgres).await.unwrap();
    let sql = format!("SELECT pg_terminate_backend({before}, 5000)");
    server.execute(SUPERUSER, &sql).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    assert_ne!(backend(&postgres).await.unwrap(), before);

    // While a query runs, it learns why.
    let onlooker = server.connect(SUPERUSER).await.unwrap();
    let session = postgres.session(within(60)).await.unwrap();
    let terminate = async {
        eventually(SOON, || async {
            let all = backends(&onlooker).await;
            if all.iter().any(|(_, state)| state == "active") {
                Ok(())
            } else {
                Err(format!("{all:?}"))
            }
        })
        .await;
        let sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
            WHERE application_name = 'pulso-test'";
        onlooker.execute(sql, &[]).await.unwrap();
    };
    let (outcome, ()) =
        futures::join!(scalar::<String>(&session, "SELECT pg_sleep(50)::text AS it"), terminate);
    let error = outcome.unwrap_err();
    assert_eq!(error.reason, Reason::Unavailable);
    assert!(text(&error).contains("57P01"), "{}", text(&error));
}

#[tokio::test]
async fn frozen_server_times_out() {
    let server = start().await;
    let settings = PostgresSettings {
        connect_timeout: Some(HumanDuration::seconds(1)),
        ..settings(&url(&server))
    };
    let postgres = Postgres::new(&settings).unwrap();
    backend(&postgres).await.unwrap();

    server.freeze();
    // First over the kept connection, then over new ones.
    for attempt in 0..4 {
        let deadline = Instant::now() + Duration::from_millis(700);
        let outcome = async {
            let session = postgres.session(deadline).await?;
            scalar::<i32>(&session, "SELECT 1 AS it").await
        };
        let error = timeout(Duration::from_secs(3), outcome).await.unwrap().unwrap_err();
        assert_eq!(error.reason, Reason::Timeout, "{attempt}: {}", text(&error));
    }
    server.thaw();
    eventually(SOON, || async { backend(&postgres).await.map_err(|it| text(&it)) }).await;
    let onlooker = server.connect(SUPERUSER).await.unwrap();
    eventually(SOON, || async {
        let left = backends(&onlooker).await;
        if left.len() == 1 { Ok(()) } else { Err(format!("{left:?}")) }
    })
    .await;
}

#[tokio::test]
async fn changed_password_is_reread() {
    let server = start().await;
    server.create_role("watcher", "right").await.unwrap();
    let folder = std::env::temp_dir().join(format!("pulso-password-{}", std::process::id()));
    fs::write(&folder, "wrong\n").unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o600)).unwrap();
    let settings = PostgresSettings {
        url: None,
        host: Some("127.0.0.1".into()),
        port: Some(server.port()),
        user: Some("watcher".into()),
        dbname: Some(SUPERUSER.into()),
        password_file: Some(folder.clone()),
        ..settings("")
    };
    let postgres = Postgres::new(&settings).unwrap();
    let error = backend(&postgres).await.unwrap_err();
    assert_eq!(error.reason, Reason::Auth, "{}", text(&error));
    assert!(text(&error).contains("\"watcher\""), "{}", text(&error));
    assert!(!format!("{error:?}{}", text(&error)).contains("wrong"));

    fs::write(&folder, "right\n").unwrap();
    eventually(SOON, || async { backend(&postgres).await.map_err(|it| text(&it)) }).await;
    fs::remove_file(&folder).unwrap();
    postgres.close().await;
    assert_eq!(reason(backend(&postgres).await), Reason::Auth, "no file, no password");
}

#[tokio::test]
async fn abandoned_query_is_cancelled() {
    let server = start().await;
    let postgres = patient(&server);
    let onlooker = server.connect(SUPERUSER).await.unwrap();
    let nothing_runs = || async {
        let left = backends(&onlooker).await;
        if left.iter().all(|(_, state)| state == "idle") {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    };

    // At its own deadline.
    backend(&postgres).await.unwrap();
    let session = postgres.session(within(1)).await.unwrap();
    let outcome = scalar::<String>(&session, "SELECT pg_sleep(600)::text AS it").await;
    assert_eq!(reason(outcome), Reason::Timeout);
    drop(session);
    eventually(SOON, nothing_runs).await;
    backend(&postgres).await.unwrap();

    // Dropped by its caller.
    let session = postgres.session(within(60)).await.unwrap();
    let query = scalar::<String>(&session, "SELECT pg_sleep(600)::text AS it");
    assert!(timeout(Duration::from_millis(200), query).await.is_err());
    eventually(SOON, nothing_runs).await;
    backend(&postgres).await.unwrap();
    let left = backends(&onlooker).await;
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn dropped_short_query_keeps_the_connection() {
    let server = start().await;
    let postgres = postgres(&url(&server));
    // A busy machine may not get to the answer in time, and then the connection is cut.
    for _ in 0..10 {
        let before = backend(&postgres).await.unwrap();
        let session = postgres.session(within(5)).await.unwrap();
        let query = scalar::<String>(&session, "SELECT pg_sleep(0.02)::text AS it");
        assert!(timeout(Duration::from_millis(5), query).await.is_err());
        drop(session);
        sleep(Duration::from_millis(500)).await;
        if backend(&postgres).await.unwrap() == before {
            return;
        }
    }
    panic!("the connection was cut each time");
}
