//! `check` and `check --grants`.

use std::{path::PathBuf, process::Command};

use e2e::{Postgres, exporter::build};

use crate::NAME;

fn check(server: &Postgres, user: &str, password: &str, arguments: &[&str]) -> (bool, String) {
    let url = server.url_as(user, password, "postgres");
    let program: PathBuf = build(NAME).expect("the exporter runs");
    let done = Command::new(program)
        .arg("check")
        .args(arguments)
        .env("DATABASE_URL", url)
        .output()
        .expect("the exporter runs");
    let said = String::from_utf8(done.stdout).expect("the exporter runs")
        + &String::from_utf8_lossy(&done.stderr);
    (done.status.success(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_names_what_is_missing_and_the_grant_that_mends_it() {
    let server = Postgres::builder().preload("pg_stat_statements").start().await.unwrap();
    server.create_role("pulso", "secret").await.unwrap();
    let (well, said) = check(&server, "pulso", "secret", &[]);
    assert!(!well && said.contains("GRANT pg_read_all_stats TO \"pulso\""), "{said}");

    // What it prints is what makes the role.
    let (well, grants) = check(&server, "pulso", "secret", &["--grants"]);
    assert!(well, "{grants}");
    server.execute("postgres", "drop role pulso").await.unwrap();
    server.execute("postgres", &grants).await.unwrap();
    server.execute("postgres", &grants).await.expect("another exporter's role may be there");
    server.execute("postgres", "alter role pulso password 'secret'").await.unwrap();
    let (well, said) = check(&server, "pulso", "secret", &[]);
    assert!(well && said.contains("statements") && !said.contains("TROUBLE"), "{said}");

    let (well, said) = check(&server, "pulso", "wrong", &[]);
    assert!(!well && said.contains("password") && !said.contains("wrong"), "{said}");
}
