//! `check` and `check --grants`.

use e2e::{Postgres, exporter};

use crate::NAME;

fn check(server: &Postgres, user: &str, password: &str, arguments: &[&str]) -> (bool, String) {
    exporter::check(NAME, &server.url_as(user, password, "postgres"), arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_names_what_is_missing_and_the_grant_that_mends_it() {
    let server = Postgres::start().await.unwrap();
    server.create_role("pulso", "secret").await.unwrap();
    let (well, said) = check(&server, "pulso", "secret", &[]);
    assert!(!well && said.contains("GRANT pg_monitor TO \"pulso\""), "{said}");

    // What it prints is what makes the role.
    let (well, grants) = check(&server, "pulso", "secret", &["--grants"]);
    assert!(well, "{grants}");
    server.execute("postgres", "drop role pulso").await.unwrap();
    let statements: Vec<_> = grants.lines().filter(|line| !line.starts_with(['\\', '-'])).collect();
    server.execute("postgres", &statements.join("\n")).await.unwrap();
    server.execute("postgres", "alter role pulso password 'secret'").await.unwrap();
    let (well, said) = check(&server, "pulso", "secret", &[]);
    assert!(well && !said.contains("TROUBLE"), "{said}");
    for collector in ["databases", "writers", "io", "relations", "sizes"] {
        let line = said.lines().find(|line| line.trim_start().starts_with(collector));
        assert!(
            line.is_some_and(|it| it.contains(" series") && !it.contains(" 0 series")),
            "{said}"
        );
    }

    let (well, said) = check(&server, "pulso", "wrong", &[]);
    assert!(!well && said.contains("password") && !said.contains("wrong"), "{said}");
}
