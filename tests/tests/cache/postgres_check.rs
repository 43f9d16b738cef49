//! `check` and `check --grants`.

use e2e::{Postgres, exporter};

use crate::NAME;

fn check(server: &Postgres, user: &str, password: &str, arguments: &[&str]) -> (bool, String) {
    exporter::check(NAME, &server.url_as(user, password, "postgres"), arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn check_names_the_missing_grant() {
    let server = Postgres::start().await.unwrap();
    server.create_role("pulso", "secret").await.unwrap();
    let (ok, output) = check(&server, "pulso", "secret", &[]);
    assert!(!ok && output.contains("GRANT pg_monitor TO \"pulso\""), "{output}");

    // The role is created with the printed SQL.
    let (ok, grants) = check(&server, "pulso", "secret", &["--grants"]);
    assert!(ok, "{grants}");
    server.execute("postgres", "drop role pulso").await.unwrap();
    let statements: Vec<_> = grants.lines().filter(|line| !line.starts_with(['\\', '-'])).collect();
    server.execute("postgres", &statements.join("\n")).await.unwrap();
    server.execute("postgres", "alter role pulso password 'secret'").await.unwrap();
    let (ok, output) = check(&server, "pulso", "secret", &[]);
    assert!(ok && !output.contains("FAIL"), "{output}");
    for collector in ["databases", "writers", "io", "relations", "sizes"] {
        let line = output.lines().find(|line| line.trim_start().starts_with(collector));
        assert!(
            line.is_some_and(|it| it.contains(" series") && !it.contains(" 0 series")),
            "{output}"
        );
    }

    let (ok, output) = check(&server, "pulso", "wrong", &[]);
    assert!(!ok && output.contains("password") && !output.contains("wrong"), "{output}");
}
