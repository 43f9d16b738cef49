//! Bad input and faults: each gives a clear error or figure, and the exporter lives on.

use std::time::Duration;

use common::{
    exporter::{CheckOptions, Exporter as _},
    snapshot::Snapshot,
};
use e2e::{Postgres, Server as _};
use postgres_queue::PostgresQueue;

use crate::support::{Exporter, MAPPING, TABLE, database, total};

fn up(snapshot: &Snapshot) -> Option<f64> {
    snapshot.value("pg_up", &[])
}

async fn recovered(exporter: &Exporter) -> Snapshot {
    e2e::eventually(Duration::from_secs(30), || async {
        let snapshot = exporter.scrape().await;
        exporter.failure().map_or(Ok(snapshot), Err)
    })
    .await
}

/// Runs `check` and gives whether all is well, and what it printed.
async fn check(toml: &str, grants: bool) -> (bool, String) {
    let mut settings =
        common::settings::Settings::parse(PostgresQueue::NAME, "test.toml", toml).unwrap();
    let section = settings.exporter(PostgresQueue::NAME, &[]).unwrap();
    let mut out = Vec::new();
    let well = PostgresQueue::check(section, CheckOptions { grants }, &mut out).await.unwrap();
    (well, String::from_utf8(out).unwrap())
}

fn toml(url: &str, mapping: &str) -> String {
    format!("[postgres-queue]\npostgres.url = \"{url}\"\n{mapping}")
}

#[tokio::test]
async fn a_table_that_is_not_there_is_named_and_waited_for() {
    let server = Postgres::start().await.unwrap();
    server.create_database("app").await.unwrap();
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.scrape().await;
    assert_eq!(up(&snapshot), Some(1.0), "the server is there");
    let failure = exporter.failure().unwrap();
    assert!(failure.starts_with("missing: looking for the table \"queue_jobs\""), "{failure}");
    server.execute("app", TABLE).await.unwrap();
    exporter.well().await;

    server.execute("app", "ALTER TABLE queue_jobs RENAME TO gone").await.unwrap();
    exporter.scrape().await;
    assert!(exporter.failure().unwrap().starts_with("missing: "));
    server.execute("app", "ALTER TABLE gone RENAME TO queue_jobs").await.unwrap();
    recovered(&exporter).await;
}

#[tokio::test]
async fn a_column_that_goes_is_left_out_or_named() {
    let (server, client) = database().await;
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    exporter.well().await;
    client.batch_execute("ALTER TABLE queue_jobs DROP finalizado_en").await.unwrap();
    exporter.scrape().await;
    let snapshot = recovered(&exporter).await;
    assert_eq!(snapshot.value("queue_mapping_column_present", &["hv", "finished_at"]), Some(0.0));
    client.batch_execute("ALTER TABLE queue_jobs RENAME estado TO status").await.unwrap();
    exporter.scrape().await;
    exporter.scrape().await;
    let failure = exporter.failure().unwrap();
    assert!(failure.contains("no column `estado`: correct `state`"), "{failure}");
}

#[tokio::test]
async fn a_missing_privilege_hints_at_its_grant() {
    let (server, client) = database().await;
    server.create_role("weak", "weak").await.unwrap();
    let exporter = Exporter::new(&server.url_as("weak", "weak", "app"), MAPPING);
    exporter.scrape().await;
    let failure = exporter.failure().unwrap();
    assert!(failure.starts_with("permission: "), "{failure}");
    assert!(
        failure.contains("GRANT SELECT (\"id\") ON \"public\".\"queue_jobs\" TO \"weak\""),
        "{failure}"
    );
    client
        .batch_execute("GRANT SELECT (id, tipo, estado, proxima_tentativa) ON queue_jobs TO weak")
        .await
        .unwrap();
    let snapshot = recovered(&exporter).await;
    assert_eq!(snapshot.value("queue_jobs", &["hv", "email", "ready"]), Some(0.0));
    assert_eq!(snapshot.value("queue_mapping_column_present", &["hv", "finished_at"]), Some(0.0));
    let notes = exporter.notes();
    assert!(notes.iter().any(|it| it.contains("GRANT SELECT (\"finalizado_en\")")), "{notes:?}");
}

#[tokio::test]
async fn the_printed_role_suffices() {
    let (server, client) = database().await;
    client
        .batch_execute("CREATE SCHEMA \"App\"; ALTER TABLE queue_jobs SET SCHEMA \"App\"")
        .await
        .unwrap();
    let mapping = MAPPING.replace("\"queue_jobs\"", "'\"App\".queue_jobs'");
    let (_, sql) = check(&toml(&server.url_as("pulso", "pulso", "app"), &mapping), true).await;
    assert!(sql.contains("GRANT SELECT ON \"App\".\"queue_jobs\""), "{sql}");
    let (_, sql) = check(&toml(&server.url("app"), &mapping), true).await;
    let sql = sql.replace("\"postgres\"", "\"pulso\"").replace("'postgres'", "'pulso'");
    assert!(!sql.contains("GRANT SELECT ON \"App\""), "columns only: {sql}");
    client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    client.batch_execute("ALTER ROLE pulso PASSWORD 'pulso'").await.unwrap();

    let (well, report) =
        check(&toml(&server.url_as("pulso", "pulso", "app"), &mapping), false).await;
    assert!(well, "{report}");
    for expected in [
        "waiting",
        "finished",
        "ms",
        "rows",
        "queue_jobs{source=\"hv\",queue=\"email\",state=\"ready\"} 0",
    ] {
        assert!(report.contains(expected), "{expected} is missing in\n{report}");
    }
    let exporter = Exporter::new(&server.url_as("pulso", "pulso", "app"), &mapping);
    let snapshot = exporter.well().await;
    assert_eq!(snapshot.value("queue_counting_exact", &["hv"]), Some(1.0));
    assert_eq!(exporter.notes(), [""; 0]);
}

#[tokio::test]
async fn check_says_what_is_missing_and_how_to_mend_it() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "DROP INDEX queue_jobs_finalizado_en_idx;
             INSERT INTO queue_jobs (tipo, estado, creado_en, finalizado_en)
             SELECT 'email', 'completed', now() - interval '1 day', now() - interval '1 day' FROM generate_series(1, 120000);
             ANALYZE queue_jobs; CREATE ROLE weak LOGIN PASSWORD 'weak'; GRANT SELECT ON queue_jobs TO weak;
             ALTER TABLE queue_jobs ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON queue_jobs FOR SELECT USING (true)",
        )
        .await
        .unwrap();
    let url = server.url_as("weak", "weak", "app");
    let (well, report) = check(&toml(&url, MAPPING), false).await;
    assert!(!well, "{report}");
    for expected in [
        "GRANT pg_read_all_stats TO \"weak\"",
        "CREATE INDEX CONCURRENTLY ON \"public\".\"queue_jobs\" (\"finalizado_en\")",
        "row-level security may hide rows",
        "Seq Scan on queue_jobs",
    ] {
        assert!(report.contains(expected), "{expected} is missing in\n{report}");
    }
    let (well, report) = check(&toml("postgres://u:secret@127.0.0.1:1/app", MAPPING), false).await;
    assert!(!well && report.contains("TROUBLE connect"), "{report}");
    assert!(!report.contains("secret"));

    let exporter = Exporter::new(&url, MAPPING);
    let first = exporter.well().await;
    assert_eq!(first.value("queue_query_unindexed", &["hv", "finished"]), Some(1.0));
    assert_eq!(first.value("queue_query_unindexed", &["hv", "waiting"]), Some(0.0));
    assert_eq!(first.value("queue_row_security_active", &["hv"]), Some(1.0));
    // It is asked again in due time only, and still counts.
    client
        .batch_execute("INSERT INTO queue_jobs (tipo, estado, finalizado_en) VALUES ('email', 'completed', now())")
        .await
        .unwrap();
    assert_eq!(total(&exporter.well().await, "queue_jobs_finished_total"), 0.0);
    e2e::eventually(Duration::from_mins(1), || async {
        let finished = total(&exporter.well().await, "queue_jobs_finished_total");
        if finished == 1.0 { Ok(()) } else { Err(finished) }
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_queues_and_hostile_names_are_bounded() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "INSERT INTO queue_jobs (tipo) SELECT 'q' || i FROM generate_series(1, 10000) i",
        )
        .await
        .unwrap();
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.well().await;
    assert_eq!(total(&snapshot, "queue_jobs"), 10_000.0);
    let queues = snapshot.family("queue_oldest_ready_age_seconds").unwrap().samples.len();
    assert_eq!(queues, 101, "a hundred and `other`");
    assert!(snapshot.value("pulso_labels_folded_total", &["queue"]).unwrap() > 1000.0);

    client.batch_execute("TRUNCATE queue_jobs").await.unwrap();
    let hostile = "\"}\n\\ ' {a=\"b\"} \u{1F600}";
    client.execute("INSERT INTO queue_jobs (tipo) VALUES ($1)", &[&hostile]).await.unwrap();
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.well().await;
    assert_eq!(snapshot.value("queue_jobs", &["hv", hostile, "ready"]), Some(1.0));
    let text = common::encode::encode(&snapshot, common::encode::Format::OpenMetrics);
    assert!(text.contains(r#"queue="\"}\n\\ ' {a=\"b\"}"#), "{text}");
}

#[tokio::test]
async fn a_lock_on_the_table_costs_one_scrape_and_no_more() {
    let (server, client) = database().await;
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    exporter.well().await;
    let other = server.connect("app").await.unwrap();
    other.batch_execute("BEGIN; LOCK TABLE queue_jobs").await.unwrap();
    let started = std::time::Instant::now();
    let snapshot = exporter.scrape().await;
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    assert_eq!(up(&snapshot), Some(1.0));
    assert!(exporter.failure().unwrap().starts_with("lock: "), "{:?}", exporter.failure());
    let waiting: i64 = client
        .query_one("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(waiting, 0, "nothing is left waiting behind the lock");
    other.batch_execute("INSERT INTO queue_jobs (tipo, estado, finalizado_en) VALUES ('email', 'completed', now()); COMMIT").await.unwrap();
    assert_eq!(total(&recovered(&exporter).await, "queue_jobs_finished_total"), 1.0);
}

#[tokio::test]
async fn a_statement_over_its_time_out_is_told() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "CREATE FUNCTION slow(text) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT $1 FROM pg_sleep(5)';
             CREATE VIEW slow_jobs AS SELECT id, slow(tipo) AS tipo, estado FROM queue_jobs;
             INSERT INTO queue_jobs (tipo) VALUES ('email')",
        )
        .await
        .unwrap();
    let mapping = "postgres.statement_timeout = \"300ms\"
        [postgres-queue.queues.hv]
        table = \"slow_jobs\"
        queue = \"tipo\"
        state = \"estado\"
        states.waiting = [\"pending\"]";
    let exporter = Exporter::new(&server.url("app"), mapping);
    let snapshot = exporter.scrape().await;
    assert_eq!(up(&snapshot), Some(1.0));
    assert!(exporter.failure().unwrap().starts_with("timeout: "), "{:?}", exporter.failure());
    client
        .batch_execute(
            "CREATE OR REPLACE FUNCTION slow(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        )
        .await
        .unwrap();
    recovered(&exporter).await;
}

#[tokio::test]
async fn a_database_that_comes_late_goes_and_fills_up_is_lived_with() {
    let (server, client) = database().await;
    server.create_role("pulso", "old").await.unwrap();
    client
        .batch_execute("GRANT SELECT ON queue_jobs TO pulso; GRANT pg_read_all_stats TO pulso")
        .await
        .unwrap();
    // What is not on the disk yet does not outlive the kill.
    client.batch_execute("CHECKPOINT").await.unwrap();
    server.kill();
    let folder = std::env::temp_dir().join(format!("pulso-queue-password-{}", std::process::id()));
    std::fs::write(&folder, "old").unwrap();
    let settings = format!(
        "[postgres-queue.postgres]\nhost = \"127.0.0.1\"\nport = {}\nuser = \"pulso\"\ndbname = \"app\"
         password_file = {folder:?}\n{MAPPING}",
        server.port()
    );
    let exporter = Exporter::from_toml(&settings);
    assert_eq!(up(&exporter.scrape().await), Some(0.0));
    assert!(exporter.failure().unwrap().starts_with("connect: "), "{:?}", exporter.failure());
    server.restart().await.unwrap();
    recovered(&exporter).await;

    // The password changes, and the connection is lost.
    let client = server.connect("app").await.unwrap();
    client.batch_execute("ALTER ROLE pulso PASSWORD 'new'").await.unwrap();
    let lose = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pulso'";
    client.batch_execute(lose).await.unwrap();
    e2e::eventually(Duration::from_secs(20), || async {
        exporter.scrape().await;
        let failure = exporter.failure().unwrap_or_default();
        if failure.starts_with("auth: ") && !failure.contains("old") {
            Ok(())
        } else {
            Err(failure)
        }
    })
    .await;
    std::fs::write(&folder, "new").unwrap();
    recovered(&exporter).await;

    // No slot is left.
    client.batch_execute("ALTER ROLE pulso CONNECTION LIMIT 0").await.unwrap();
    client.batch_execute(lose).await.unwrap();
    e2e::eventually(Duration::from_secs(20), || async {
        exporter.scrape().await;
        let failure = exporter.failure().unwrap_or_default();
        if failure.starts_with("slots: ") { Ok(()) } else { Err(failure) }
    })
    .await;
    client.batch_execute("ALTER ROLE pulso CONNECTION LIMIT 5").await.unwrap();
    recovered(&exporter).await;
    std::fs::remove_file(folder).unwrap();
}

#[tokio::test]
async fn workers_pauses_and_pg_cron_are_shown_where_they_are_recorded() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "CREATE TABLE workers (id int, seen timestamp); CREATE TABLE pauses (name text, since timestamptz);
             INSERT INTO workers VALUES (1, now() AT TIME ZONE 'UTC'), (2, (now() - interval '1 h') AT TIME ZONE 'UTC');
             INSERT INTO pauses VALUES ('slack', now()), ('email', NULL);
             CREATE SCHEMA cron;
             CREATE TABLE cron.job (jobid bigint, schedule text, command text, nodename text, nodeport int,
               database text, username text, active bool, jobname name);
             CREATE TABLE cron.job_run_details (jobid bigint, runid bigint PRIMARY KEY, job_pid int, database text,
               username text, command text, status text, return_message text, start_time timestamptz, end_time timestamptz);
             INSERT INTO cron.job VALUES (1, '0 2 * * *', '', '', 0, 'app', 'me', true, 'backup'),
               (2, '30 seconds', '', '', 0, 'app', 'me', true, NULL), (3, '* * * * *', '', '', 0, 'app', 'me', false, 'off');
             INSERT INTO cron.job_run_details VALUES
               (1, 1, 0, '', '', '', 'succeeded', '', '2026-01-01 02:00+00', '2026-01-01 02:10+00'),
               (1, 2, 0, '', '', '', 'failed', '', '2026-01-02 02:00+00', '2026-01-02 02:01+00')",
        )
        .await
        .unwrap();
    let mapping = format!(
        "{MAPPING}\nworkers = {{ table = \"workers\", last_seen = \"seen\" }}
         paused = {{ table = \"pauses\", queue = \"name\", paused_at = \"since\" }}"
    );
    let exporter = Exporter::new(&server.url("app"), &mapping);
    let snapshot = exporter.well().await;
    assert_eq!(snapshot.value("queue_workers_alive", &["hv"]), Some(1.0));
    assert_eq!(snapshot.value("queue_paused", &["hv", "slack"]), Some(1.0));
    assert_eq!(snapshot.value("queue_paused", &["hv", "email"]), Some(0.0));
    let backup = |name: &str| snapshot.value(name, &["backup"]);
    assert_eq!(backup("cron_job_active"), Some(1.0));
    assert_eq!(backup("cron_job_last_run_timestamp_seconds"), Some(1_767_319_200.0));
    assert_eq!(backup("cron_job_last_success_timestamp_seconds"), Some(1_767_233_400.0));
    assert_eq!(backup("cron_job_last_duration_seconds"), Some(60.0));
    assert_eq!(snapshot.value("cron_job_last_status", &["backup", "failed"]), Some(1.0));
    assert_eq!(snapshot.value("cron_job_last_status", &["backup", "succeeded"]), Some(0.0));
    let next = backup("cron_job_next_run_timestamp_seconds").unwrap();
    assert_eq!(next.rem_euclid(86_400.0), 7200.0);
    assert_eq!(snapshot.value("cron_job_next_run_timestamp_seconds", &["2"]), None);
    assert_eq!(snapshot.value("cron_job_next_run_timestamp_seconds", &["off"]), None);
    assert_eq!(snapshot.value("cron_job_last_run_timestamp_seconds", &["off"]), None);
}

/// The role that is to be made cannot look for `pg_cron`, and needs its rights all the same.
#[tokio::test]
async fn a_role_that_is_not_there_yet_is_granted_pg_cron_where_it_is() {
    let (server, client) = database().await;
    let url = server.url_as("pulso", "pulso", "app");
    let (_, sql) = check(&toml(&url, MAPPING), true).await;
    client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("no pg_cron: {error:?}\n{sql}"));
    client
        .batch_execute(
            "ALTER ROLE pulso PASSWORD 'pulso'; CREATE SCHEMA cron;
             CREATE TABLE cron.job (jobid bigint, schedule text, command text, nodename text, nodeport int,
               database text, username text, active bool, jobname name);
             CREATE TABLE cron.job_run_details (jobid bigint, runid bigint PRIMARY KEY, job_pid int, database text,
               username text, command text, status text, return_message text, start_time timestamptz, end_time timestamptz)",
        )
        .await
        .unwrap();
    // It may connect by now, and still not look into the schema.
    let (_, sql) = check(&toml(&url, MAPPING), true).await;
    client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("pg_cron: {error:?}\n{sql}"));
    Exporter::new(&url, MAPPING).well().await;
}

/// A question that is not asked at each scrape must not make the scrapes in between look well.
#[tokio::test]
async fn a_refused_question_stays_a_failure_until_it_is_answered() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "CREATE SCHEMA cron;
             CREATE TABLE cron.job (jobid bigint, schedule text, command text, nodename text, nodeport int,
               database text, username text, active bool, jobname name);
             CREATE TABLE cron.job_run_details (jobid bigint, runid bigint PRIMARY KEY, job_pid int, database text,
               username text, command text, status text, return_message text, start_time timestamptz, end_time timestamptz);
             INSERT INTO cron.job VALUES (1, '0 2 * * *', '', '', 0, 'app', 'me', true, 'backup')",
        )
        .await
        .unwrap();
    server.create_role("weak", "weak").await.unwrap();
    client
        .batch_execute("GRANT SELECT ON queue_jobs TO weak; GRANT USAGE ON SCHEMA cron TO weak")
        .await
        .unwrap();
    let exporter = Exporter::new(&server.url_as("weak", "weak", "app"), MAPPING);
    for _ in 0..5 {
        let snapshot = exporter.scrape().await;
        assert_eq!(snapshot.value("pulso_collector_success", &["pg_cron"]), Some(0.0));
        let failure = exporter.failure().unwrap();
        assert!(failure.starts_with("permission: ") && failure.contains("GRANT"), "{failure}");
    }
    client.batch_execute("GRANT SELECT ON cron.job, cron.job_run_details TO weak").await.unwrap();
    let snapshot = recovered(&exporter).await;
    assert_eq!(snapshot.value("cron_job_active", &["backup"]), Some(1.0));
}
