//! `check` says what is missing, and `check --grants` prints the role that suffices.

use common::process::{self, Exporter as _};
use postgres_queue::PostgresQueue;

use crate::{
    cron,
    support::{Exporter, MAPPING, database, total},
};

/// Runs `check` and returns whether there is nothing to fix, and what it printed.
async fn check(toml: &str, grants: bool) -> (bool, String) {
    let mut settings =
        common::settings::Settings::parse(PostgresQueue::NAME, "test.toml", toml).unwrap();
    let mut out = Vec::new();
    let ok = if grants {
        process::check::grants::<PostgresQueue>(&mut settings, &mut out).await.map(|()| true)
    } else {
        process::check::check::<PostgresQueue>(&mut settings, &mut out).await
    };
    (ok.unwrap(), String::from_utf8(out).unwrap())
}

fn toml(url: &str, mapping: &str) -> String {
    format!("[postgres-queue]\npostgres.url = \"{url}\"\n{mapping}")
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
    let snapshot = exporter.scrape_ok().await;
    assert_eq!(snapshot.value("queue_counting_exact", &["hv"]), Some(1.0));
    assert_eq!(exporter.notes(), [""; 0]);
}

#[tokio::test]
async fn check_names_what_is_missing_and_the_fix() {
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
    assert!(
        !well && report.contains("FAIL privileges") && report.contains("(connect)"),
        "{report}"
    );
    assert!(!report.contains("secret"));

    let exporter = Exporter::new(&url, MAPPING);
    let first = exporter.scrape_ok().await;
    assert_eq!(first.value("queue_query_unindexed", &["hv", "finished"]), Some(1.0));
    assert_eq!(first.value("queue_query_unindexed", &["hv", "waiting"]), Some(0.0));
    assert_eq!(first.value("queue_row_security_active", &["hv"]), Some(1.0));
    // It is asked again in due time only, and still counts.
    client
        .batch_execute("INSERT INTO queue_jobs (tipo, estado, finalizado_en) VALUES ('email', 'completed', now())")
        .await
        .unwrap();
    assert_eq!(total(&exporter.scrape_ok().await, "queue_jobs_finished_total"), 0.0);
    e2e::eventually(e2e::SOON, || async {
        let finished = total(&exporter.scrape_ok().await, "queue_jobs_finished_total");
        if finished == 1.0 { Ok(()) } else { Err(finished) }
    })
    .await;
}

/// The role does not exist yet and cannot look for `pg_cron`, but needs its privileges too.
#[tokio::test]
async fn grants_include_pg_cron() {
    let (server, client) = database().await;
    let url = server.url_as("pulso", "pulso", "app");
    let (_, sql) = check(&toml(&url, MAPPING), true).await;
    client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("no pg_cron: {error:?}\n{sql}"));
    client.batch_execute("ALTER ROLE pulso PASSWORD 'pulso'").await.unwrap();
    client.batch_execute(cron::TABLES).await.unwrap();
    // It may connect by now, and still not look into the schema.
    let (_, sql) = check(&toml(&url, MAPPING), true).await;
    client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("pg_cron: {error:?}\n{sql}"));
    Exporter::new(&url, MAPPING).scrape_ok().await;
}
