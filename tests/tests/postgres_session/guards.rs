//! The session cannot hurt the server, and errors name the fix.

use std::collections::BTreeMap;

use common::{
    scrape::{Reason, Snapshot},
    source::postgres::{Privileges, Server},
};

use super::*;

#[tokio::test]
async fn session_is_read_only_and_bounded() {
    for version in e2e::postgres::versions() {
        let server = e2e::Postgres::builder().version(version).start().await.unwrap();
        read_only_and_bounded(&server).await;
        tells_what_it_is(&server).await;
    }
}

async fn read_only_and_bounded(server: &e2e::Postgres) {
    let postgres = postgres(&format!("{}?options=-c%20statement_timeout%3D0", url(server)));
    let session = postgres.session(within(5)).await.unwrap();

    for write in ["CREATE TABLE made()", "DELETE FROM pg_class WHERE false"] {
        let error = session.query("writing", write, &[]).await.unwrap_err();
        assert_eq!(error.reason, Reason::Query, "{}", text(&error));
        assert!(text(&error).contains("25006"), "{}", text(&error));
    }

    let in_force = settings_in_force(&session).await;
    let expected = [
        ("application_name", "pulso-test"),
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "5000"),
        ("lock_timeout", "500"),
        ("idle_in_transaction_session_timeout", "5000"),
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
    ];
    for (name, value) in expected {
        assert_eq!(in_force[name], value, "{name}");
    }
}

pub(super) async fn settings_in_force(session: &Session) -> BTreeMap<String, String> {
    let sql = "SELECT name, setting FROM pg_settings";
    let rows = session.query("reading the settings", sql, &[]).await.unwrap();
    rows.iter().map(|row| (column(row, "name").unwrap(), column(row, "setting").unwrap())).collect()
}

#[tokio::test]
async fn timeouts_keep_the_connection() {
    let server = start().await;
    let settings = PostgresSettings {
        statement_timeout: HumanDuration::millis(300),
        lock_timeout: HumanDuration::millis(100),
        ..settings(&url(&server))
    };
    let postgres = Postgres::new(&settings).unwrap();
    let before = backend(&postgres).await.unwrap();

    let error = ask::<String>(&postgres, "SELECT pg_sleep(30)::text AS it").await.unwrap_err();
    assert_eq!(error.reason, Reason::Timeout, "{}", text(&error));
    assert!(text(&error).contains("statement_timeout"), "{}", text(&error));

    let writer = server.connect(SUPERUSER).await.unwrap();
    writer.batch_execute("CREATE TABLE jobs(id int)").await.unwrap();
    writer.batch_execute("BEGIN; LOCK TABLE jobs").await.unwrap();
    let error = ask::<i64>(&postgres, "SELECT count(*) AS it FROM jobs").await.unwrap_err();
    assert_eq!(error.reason, Reason::Lock, "{}", text(&error));

    writer.batch_execute("COMMIT").await.unwrap();
    assert_eq!(ask::<i64>(&postgres, "SELECT count(*) AS it FROM jobs").await.unwrap(), 0);
    assert_eq!(backend(&postgres).await.unwrap(), before);
}

#[tokio::test]
async fn missing_objects_have_reasons_and_hints() {
    let server = start().await;
    server.create_role("watcher", "w").await.unwrap();
    let setup = "CREATE SCHEMA app; CREATE TABLE app.jobs(id int)";
    server.execute(SUPERUSER, setup).await.unwrap();
    let postgres = postgres(&server.url_as("watcher", "w", SUPERUSER));
    let sql = "SELECT count(*) AS it FROM app.jobs";

    // Each hint names one grant; once it is given, the next thing is missing.
    for _ in 0..2 {
        let error = ask::<i64>(&postgres, sql).await.unwrap_err();
        assert_eq!(error.reason, Reason::Permission, "{}", text(&error));
        let hint = error.hint.unwrap();
        let (grant, _) = hint.split_once(';').unwrap();
        let grant = grant.replace("ON jobs", "ON app.jobs");
        server.execute(SUPERUSER, &grant).await.unwrap();
    }
    assert_eq!(ask::<i64>(&postgres, sql).await.unwrap(), 0);

    let missing = [
        "SELECT 1 AS it FROM nothing",
        "SELECT nothing AS it FROM app.jobs",
        "SELECT nothing(1) AS it",
        "SELECT 1 AS it FROM nothing.nothing",
    ];
    for sql in missing {
        assert_eq!(reason(ask::<i32>(&postgres, sql).await), Reason::Missing, "{sql}");
    }
    assert_eq!(reason(ask::<i32>(&postgres, "SELEC").await), Reason::Query);
    assert_eq!(reason(ask::<i32>(&postgres, "SELECT 'text' AS it").await), Reason::Parse);
    assert_eq!(reason(ask::<i32>(&postgres, "SELECT NULL::int AS it").await), Reason::Parse);

    let no_database = super::postgres(&server.url_as("watcher", "w", "nothing"));
    assert_eq!(reason(backend(&no_database).await), Reason::Missing);
}

#[tokio::test]
async fn privileges_belong_to_the_role() {
    let server = start().await;
    server.create_role("watcher", "w").await.unwrap();
    let postgres = postgres(&server.url_as("watcher", "w", SUPERUSER));
    let privileges = async || postgres.session(within(5)).await.unwrap().privileges().await;
    let nothing = Privileges { superuser: false, pg_monitor: false, read_all_stats: false };
    assert_eq!(privileges().await.unwrap(), nothing);
    server.execute(SUPERUSER, "GRANT pg_monitor TO watcher").await.unwrap();
    let monitor = Privileges { pg_monitor: true, read_all_stats: true, ..nothing };
    assert_eq!(privileges().await.unwrap(), monitor);
}

async fn tells_what_it_is(server: &e2e::Postgres) {
    let postgres = postgres(&url(server));
    let mut out = Snapshot::default();
    postgres.collector(Server).collect(within(5), &mut out).await.unwrap();

    let version: i32 =
        ask(&postgres, "SELECT current_setting('server_version_num')::int AS it").await.unwrap();
    let session = postgres.session(within(5)).await.unwrap();
    assert_eq!(i64::from(session.server_version()), i64::from(version));
    let said: String = ask(&postgres, "SELECT version() AS it").await.unwrap();
    let short = format!("{}.{}.0", version / 10_000, version % 10_000);
    assert_eq!(out.value("pg_static", &[&said, &short]), Some(1.0));
    assert_eq!(out.value("pg_replication_is_replica", &[]), Some(0.0));
    let started = out.value("pg_postmaster_start_time_seconds", &[]).unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    assert!((now - 600.0..=now).contains(&started), "{started} {now}");
}
