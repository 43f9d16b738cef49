//! TLS with libpq's meaning of `sslmode`.

use std::path::PathBuf;

use common::source::postgres::SslMode;
use e2e::{Certificates, eventually};

use super::*;

async fn server() -> e2e::Postgres {
    e2e::Postgres::builder()
        .tls("watcher")
        .hba("hostssl all watcher all cert")
        .hba("hostnossl all all all reject")
        .start()
        .await
        .unwrap()
}

fn with(url: &str, mode: SslMode, ca: Option<PathBuf>) -> Postgres {
    let settings = PostgresSettings { sslmode: Some(mode), ssl_root_cert: ca, ..settings(url) };
    Postgres::new(&settings).unwrap()
}

const ENCRYPTED: &str = "SELECT ssl AS it FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

#[tokio::test]
async fn sslmode_decides_what_is_verified() {
    let server = server().await;
    let ours = || server.certificates().map(Certificates::ca);
    let foreign = Certificates::new("nobody").unwrap();
    let wrong = || Some(foreign.ca());
    let url = url(&server);
    // The address is right, the name is another's.
    let misnamed = format!("{}?hostaddr=127.0.0.1", url.replace("127.0.0.1", "other.example"));

    let good = [
        (&url, SslMode::Prefer, None),
        (&url, SslMode::Require, None),
        (&url, SslMode::Require, ours()),
        (&url, SslMode::VerifyCa, ours()),
        (&url, SslMode::VerifyFull, ours()),
        (&misnamed, SslMode::VerifyCa, ours()),
    ];
    for (url, mode, ca) in good {
        let encrypted: bool = ask(&with(url, mode, ca), ENCRYPTED).await.unwrap();
        assert!(encrypted, "{mode:?}");
    }
    let bad = [
        (&url, SslMode::Require, wrong()),
        (&url, SslMode::VerifyCa, wrong()),
        (&url, SslMode::VerifyFull, wrong()),
        (&misnamed, SslMode::VerifyFull, ours()),
        (&url, SslMode::VerifyFull, None),
        (&url, SslMode::VerifyFull, Some("/nowhere/ca.pem".into())),
    ];
    for (url, mode, ca) in bad {
        let error = backend(&with(url, mode, ca.clone())).await.unwrap_err();
        assert_eq!(error.reason, Reason::Tls, "{mode:?} {ca:?}: {}", text(&error));
        assert!(error.hint.is_some(), "{mode:?} {ca:?}: {}", text(&error));
    }
    assert_eq!(reason(backend(&with(&url, SslMode::Disable, None)).await), Reason::Auth);
}

#[tokio::test]
async fn client_certificate_is_sent() {
    let server = server().await;
    let local = e2e::postgres::connect(&over_socket(&server)).await.unwrap();
    local.batch_execute("CREATE ROLE watcher LOGIN").await.unwrap();
    let certificates = server.certificates().unwrap();
    let url = format!("postgres://watcher@127.0.0.1:{}/{SUPERUSER}", server.port());
    let shown = PostgresSettings {
        sslmode: Some(SslMode::VerifyFull),
        ssl_root_cert: Some(certificates.ca()),
        ssl_cert: Some(certificates.client_cert()),
        ssl_key: Some(certificates.client_key()),
        statement_timeout: HumanDuration::seconds(600),
        ..settings(&url)
    };
    let postgres = Postgres::new(&shown).unwrap();
    assert!(ask::<bool>(&postgres, ENCRYPTED).await.unwrap());

    // An abandoned query is cancelled over TLS as well.
    let session = postgres.session(within(1)).await.unwrap();
    let outcome = scalar::<String>(&session, "SELECT pg_sleep(600)::text AS it").await;
    assert_eq!(reason(outcome), Reason::Timeout);
    eventually(SOON, || async {
        let left = backends(&local).await;
        if left.iter().all(|(_, state)| state == "idle") {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await;
    assert!(ask::<bool>(&postgres, ENCRYPTED).await.unwrap());

    let foreign = Certificates::new("watcher").unwrap();
    let unknown = PostgresSettings {
        ssl_cert: Some(foreign.client_cert()),
        ssl_key: Some(foreign.client_key()),
        ..shown.clone()
    };
    let error = backend(&Postgres::new(&unknown).unwrap()).await.unwrap_err();
    assert_eq!(error.reason, Reason::Tls, "{}", text(&error));
    let none = PostgresSettings { ssl_cert: None, ssl_key: None, ..shown };
    let error = backend(&Postgres::new(&none).unwrap()).await.unwrap_err();
    assert_eq!(error.reason, Reason::Auth, "{}", text(&error));
}

#[tokio::test]
async fn server_without_tls_serves_prefer_only() {
    let server = start().await;
    let url = url(&server);
    assert!(!ask::<bool>(&with(&url, SslMode::Prefer, None), ENCRYPTED).await.unwrap());
    assert_eq!(reason(backend(&with(&url, SslMode::Require, None)).await), Reason::Tls);

    // A Unix socket has no TLS, whatever `sslmode` says.
    backend(&with(&over_socket(&server), SslMode::VerifyFull, None)).await.unwrap();
}

fn over_socket(server: &e2e::Postgres) -> String {
    format!(
        "host={} port={} user={SUPERUSER} password={} dbname={SUPERUSER}",
        server.socket_folder().display(),
        server.port(),
        e2e::postgres::PASSWORD,
    )
}
