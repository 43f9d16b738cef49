//! Gauges of waiting and running jobs, against rows made for them.

use common::scrape::Value;

use crate::support::{Exporter, MAPPING, TABLE, database, is_absent, total};

#[tokio::test]
async fn gauges_match_the_rows() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "INSERT INTO queue_jobs (tipo, estado, creado_en, proxima_tentativa, iniciado_en, intentos) VALUES
             ('email', 'pending', now() - interval '500 s', now() - interval '300 s', NULL, 0),
             ('email', 'pending', now() - interval '200 s', NULL, NULL, 0),
             ('email', 'pending', now(), now() + interval '1 h', NULL, 0),
             ('email', 'pending', now(), now() + interval '2 h', NULL, 3),
             ('email', 'processing', now(), NULL, now() - interval '2 h', 1),
             ('email', 'processing', now(), NULL, now() - interval '10 s', 1),
             ('slack', 'processing', now(), NULL, NULL, 1),
             ('slack', 'pending', now() - interval '1 s', 'infinity', NULL, 0),
             (NULL, 'pending', now(), '-infinity', NULL, 0),
             ('slack', 'pending', now() - interval '70 s', NULL, NULL, 0),
             ('old', 'completed', now() - interval '9 days', NULL, NULL, 1)",
        )
        .await
        .unwrap();
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.scrape_ok().await;
    let jobs = |queue, state| snapshot.value("queue_jobs", &["hv", queue, state]);

    assert_eq!(jobs("email", "ready"), Some(2.0));
    assert_eq!(jobs("email", "scheduled"), Some(1.0));
    assert_eq!(jobs("email", "retrying"), Some(1.0));
    assert_eq!(jobs("email", "running"), Some(2.0));
    assert_eq!(jobs("slack", "ready"), Some(1.0));
    assert_eq!(jobs("slack", "scheduled"), Some(1.0));
    assert_eq!(jobs("slack", "running"), Some(1.0));
    assert_eq!(jobs("none", "ready"), Some(1.0), "a queue without a name");
    assert_eq!(jobs("email", "failed"), None, "rows of finished jobs are not depth");
    assert_eq!(jobs("old", "ready"), None, "a queue with finished jobs only is not exported");

    let age = |queue| snapshot.value("queue_oldest_ready_age_seconds", &["hv", queue]);
    assert!((299.0..330.0).contains(&age("email").unwrap()), "{:?}", age("email"));
    assert!((69.0..100.0).contains(&age("slack").unwrap()), "{:?}", age("slack"));
    assert_eq!(age("none"), None, "since -infinity is unknown");
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    let next = snapshot.value("queue_next_scheduled_timestamp_seconds", &["hv", "email"]).unwrap();
    assert!((next - now - 3600.0).abs() < 60.0, "{next}");
    assert_eq!(snapshot.value("queue_next_scheduled_timestamp_seconds", &["hv", "slack"]), None);
    assert_eq!(snapshot.value("queue_stuck_jobs", &["hv", "email"]), Some(1.0));
    assert_eq!(snapshot.value("queue_stuck_jobs", &["hv", "slack"]), Some(0.0));
    let longest = snapshot.value("queue_longest_running_seconds", &["hv", "email"]).unwrap();
    assert!((7200.0..7300.0).contains(&longest), "{longest}");

    assert_eq!(snapshot.value("pg_up", &[]), Some(1.0));
    assert_eq!(snapshot.value("queue_counting_exact", &["hv"]), Some(1.0));
    assert_eq!(total(&snapshot, "queue_jobs_finished_total"), 0.0);
    assert!(snapshot.value("queue_table_size_bytes", &["hv"]).unwrap() >= 8192.0);
    assert_eq!(snapshot.value("queue_table_last_autovacuum_timestamp_seconds", &["hv"]), None);
    assert_eq!(exporter.notes(), [""; 0]);
}

#[tokio::test]
async fn empty_table_gives_zeros_for_known_queues() {
    let (server, client) = database().await;
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.scrape_ok().await;
    for state in ["ready", "scheduled", "retrying", "running"] {
        assert_eq!(snapshot.value("queue_jobs", &["hv", "email", state]), Some(0.0), "{state}");
    }
    assert_eq!(snapshot.value("queue_oldest_ready_age_seconds", &["hv", "email"]), Some(0.0));
    assert_eq!(snapshot.value("queue_longest_running_seconds", &["hv", "email"]), Some(0.0));
    assert_eq!(snapshot.value("queue_jobs_failed_total", &["hv", "email"]), Some(0.0));
    assert_eq!(snapshot.value("queue_job_errors_total", &["hv", "email", "other"]), Some(0.0));
    let histogram = &snapshot.family("queue_job_wait_seconds").unwrap().samples;
    assert!(matches!(histogram.values().next(), Some(Value::Histogram(it)) if it.count() == 0));

    client.batch_execute("INSERT INTO queue_jobs (tipo) VALUES ('new')").await.unwrap();
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(snapshot.value("queue_jobs", &["hv", "new", "ready"]), Some(1.0));
    assert_eq!(snapshot.value("queue_jobs_enqueued_total", &["hv", "new"]), Some(1.0));
    client.batch_execute("DELETE FROM queue_jobs").await.unwrap();
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(snapshot.value("queue_jobs", &["hv", "new", "ready"]), Some(0.0), "it stays, empty");
}

#[tokio::test]
async fn minimal_table_leaves_out_metrics() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "ALTER TABLE queue_jobs DROP iniciado_en, DROP finalizado_en, DROP intentos;
             INSERT INTO queue_jobs (tipo, estado, creado_en, error) VALUES
             ('email', 'failed', now() - interval '5 minutes', 'connect ETIMEDOUT');
             INSERT INTO queue_jobs (tipo, estado, creado_en) VALUES
             ('email', 'completed', now() - interval '10 minutes'),
             ('email', 'completed', now() - interval '20 minutes'),
             ('email', 'failed', now() - interval '30 minutes'),
             ('email', 'completed', now() - interval '3 hours'),
             ('email', 'processing', now() - interval '3 hours'),
             ('email', 'pending', now())",
        )
        .await
        .unwrap();
    let mapping = format!(
        "{MAPPING}\nstuck_since = [\"gone\", \"creado_en\"]
        errors = [{{ class = \"timeout\", pattern = \"TIMEDOUT\" }}]"
    );
    let exporter = Exporter::new(&server.url("app"), &mapping);
    let snapshot = exporter.scrape_ok().await;
    let window = |outcome| snapshot.value("queue_window_jobs", &["hv", "email", outcome]);
    assert_eq!((window("succeeded"), window("failed")), (Some(2.0), Some(2.0)));
    let errors = |class| snapshot.value("queue_window_errors", &["hv", "email", class]);
    assert_eq!((errors("timeout"), errors("other")), (Some(1.0), Some(1.0)));
    assert_eq!(window("cancelled"), Some(0.0));
    assert_eq!(snapshot.value("queue_window_seconds", &["hv"]), Some(3600.0));
    assert_eq!(snapshot.value("queue_stuck_jobs", &["hv", "email"]), Some(1.0));
    for name in [
        "queue_jobs_finished_total",
        "queue_jobs_failed_total",
        "queue_jobs_retried_total",
        "queue_job_errors_total",
        "queue_job_wait_seconds",
        "queue_job_run_seconds",
        "queue_job_latency_seconds",
    ] {
        assert!(is_absent(&snapshot, name), "{name}");
    }
    let present = |column| snapshot.value("queue_mapping_column_present", &["hv", column]);
    assert_eq!((present("finished_at"), present("created_at")), (Some(0.0), Some(1.0)));
    assert_eq!(snapshot.value("queue_jobs_enqueued_total", &["hv", "email"]), Some(0.0));
}

#[tokio::test]
async fn mapping_sets_the_time_zone() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "ALTER TABLE queue_jobs ALTER creado_en TYPE timestamp, ALTER proxima_tentativa TYPE timestamp,
               ALTER iniciado_en TYPE timestamp, ALTER finalizado_en TYPE timestamp;
             ALTER DATABASE app SET timezone = 'America/New_York';
             INSERT INTO queue_jobs (tipo, creado_en) VALUES
             ('email', (now() AT TIME ZONE 'America/Lima') - interval '1 h')",
        )
        .await
        .unwrap();
    let mapping = format!("{MAPPING}\ntimezone = \"America/Lima\"");
    let exporter = Exporter::new(&server.url("app"), &mapping);
    let snapshot = exporter.scrape_ok().await;
    let age = snapshot.value("queue_oldest_ready_age_seconds", &["hv", "email"]).unwrap();
    assert!((3600.0..3700.0).contains(&age), "{age}");
    client
        .batch_execute(
            "UPDATE queue_jobs SET estado = 'completed', intentos = 1,
               iniciado_en = (now() AT TIME ZONE 'America/Lima') - interval '20 s',
               finalizado_en = now() AT TIME ZONE 'America/Lima'",
        )
        .await
        .unwrap();
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(snapshot.value("queue_jobs_finished_total", &["hv", "email"]), Some(1.0));
    let run = &snapshot.family("queue_job_run_seconds").unwrap().samples;
    assert!(
        matches!(run.values().next(), Some(Value::Histogram(it)) if (it.sum() - 20.0).abs() < 1.0)
    );
}

#[tokio::test]
async fn enum_with_fewer_values_is_read() {
    let (server, client) = database().await;
    client
        .batch_execute(
            "DROP TABLE queue_jobs; CREATE TYPE estado AS ENUM ('pending', 'completed');
             CREATE DOMAIN momento AS timestamptz;",
        )
        .await
        .unwrap();
    let table = TABLE.replace("estado text NOT NULL", "estado estado NOT NULL");
    let table = table.replace("creado_en timestamptz", "creado_en momento");
    let table: String =
        table.split(';').filter(|it| !it.contains("'processing'")).collect::<Vec<_>>().join(";");
    client.batch_execute(&table).await.unwrap();
    client.batch_execute("INSERT INTO queue_jobs (tipo) VALUES ('email')").await.unwrap();
    let exporter = Exporter::new(&server.url("app"), MAPPING);
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(snapshot.value("queue_jobs", &["hv", "email", "ready"]), Some(1.0));
    assert_eq!(snapshot.value("queue_jobs", &["hv", "email", "running"]), None);
    assert!(exporter.notes().iter().any(|it| it.contains("no value `processing`")));
}
