//! `check` and `check --grants`.

use e2e::{Postgres, exporter};

use crate::NAME;

fn check(server: &Postgres, user: &str, password: &str, arguments: &[&str]) -> (bool, String) {
    exporter::check(NAME, &server.url_as(user, password, "postgres"), arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn check_names_the_missing_grant() {
    let server = Postgres::builder().preload("pg_stat_statements").start().await.unwrap();
    server.create_role("pulso", "secret").await.unwrap();
    let (ok, output) = check(&server, "pulso", "secret", &[]);
    assert!(!ok && output.contains("GRANT pg_read_all_stats TO \"pulso\""), "{output}");

    // The role is created with the printed SQL.
    let (ok, grants) = check(&server, "pulso", "secret", &["--grants"]);
    assert!(ok, "{grants}");
    server.execute("postgres", "drop role pulso").await.unwrap();
    server.execute("postgres", &grants).await.unwrap();
    server.execute("postgres", &grants).await.expect("another exporter's role may be there");
    server.execute("postgres", "alter role pulso password 'secret'").await.unwrap();
    let (ok, output) = check(&server, "pulso", "secret", &[]);
    assert!(ok && output.contains("statements") && !output.contains("FAIL"), "{output}");

    let (ok, output) = check(&server, "pulso", "wrong", &[]);
    assert!(!ok && output.contains("password") && !output.contains("wrong"), "{output}");
}
