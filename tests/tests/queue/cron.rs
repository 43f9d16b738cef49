//! Workers, pauses and `pg_cron`, where a database records them.

use crate::{
    faults::recovered,
    support::{Exporter, MAPPING, database},
};

/// The tables of `pg_cron`, which is not installed here.
pub(crate) const TABLES: &str = "CREATE SCHEMA cron;
    CREATE TABLE cron.job (jobid bigint, schedule text, command text, nodename text, nodeport int,
      database text, username text, active bool, jobname name);
    CREATE TABLE cron.job_run_details (jobid bigint, runid bigint PRIMARY KEY, job_pid int, database text,
      username text, command text, status text, return_message text, start_time timestamptz, end_time timestamptz);";

#[tokio::test]
async fn workers_pauses_and_pg_cron_are_read() {
    let (server, client) = database().await;
    client.batch_execute(TABLES).await.unwrap();
    client
        .batch_execute(
            "CREATE TABLE workers (id int, seen timestamp); CREATE TABLE pauses (name text, since timestamptz);
             INSERT INTO workers VALUES (1, now() AT TIME ZONE 'UTC'), (2, (now() - interval '1 h') AT TIME ZONE 'UTC');
             INSERT INTO pauses VALUES ('slack', now()), ('email', NULL);
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
    let snapshot = exporter.scrape_ok().await;
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

/// A question that is not asked at each scrape must not make the scrapes in between look well.
#[tokio::test]
async fn refused_query_fails_until_it_works() {
    let (server, client) = database().await;
    client.batch_execute(TABLES).await.unwrap();
    client
        .batch_execute(
            "INSERT INTO cron.job VALUES (1, '0 2 * * *', '', '', 0, 'app', 'me', true, 'backup')",
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
