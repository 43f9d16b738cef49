//! The address, the guards and the errors of each setting.

use super::*;
use crate::settings::Secret;

fn url(url: &str) -> PostgresSettings {
    PostgresSettings { url: Some(Secret::new(url)), ..PostgresSettings::default() }
}

fn parts() -> PostgresSettings {
    PostgresSettings { host: Some("db".into()), ..PostgresSettings::default() }
}

#[test]
fn the_address_holds_no_secret() {
    let cases = [
        (url("postgres://u:hunter2@db:6432/shop"), "db:6432/shop"),
        (url("postgres://u:hunter2@[::1]/shop"), "[::1]:5432/shop"),
        (url("postgres://u@a,b:5433/shop"), "a:5432,b:5433/shop"),
        (url("host=/run/postgresql user=u"), "/run/postgresql:5432/u"),
        (url("hostaddr=10.0.0.1 dbname=d"), "10.0.0.1:5432/d"),
        (parts(), "db:5432"),
    ];
    for (settings, expected) in cases {
        assert_eq!(settings.endpoint(false).unwrap().peer.address, expected);
    }
}

#[test]
fn each_error_names_its_key() {
    let path = || Some(PathBuf::from("/f"));
    let secret = || Some(Secret::new("hunter2"));
    let cases = [
        (PostgresSettings::default(), "url"),
        (url("hunter2"), "url"),
        (url("postgres:///shop"), "url"),
        (PostgresSettings { host: Some("h".into()), ..url("host=h") }, "host"),
        (PostgresSettings { dbname: Some("d".into()), ..url("host=h") }, "dbname"),
        (PostgresSettings { password: secret(), ..url("host=h password=p") }, "password"),
        (PostgresSettings { password_file: path(), ..url("host=h password=p") }, "password_file"),
        (
            PostgresSettings { password: secret(), password_file: path(), ..parts() },
            "password_file",
        ),
        (PostgresSettings { ssl_cert: path(), ..parts() }, "ssl_key"),
        (PostgresSettings { ssl_key: path(), ..parts() }, "ssl_cert"),
        (
            PostgresSettings { statement_timeout: HumanDuration::seconds(0), ..parts() },
            "statement_timeout",
        ),
        (
            PostgresSettings { lock_timeout: HumanDuration::seconds(90_000), ..parts() },
            "lock_timeout",
        ),
        (
            PostgresSettings { connect_timeout: Some(HumanDuration::millis(0)), ..parts() },
            "connect_timeout",
        ),
        (PostgresSettings { row_limit: 0, ..parts() }, "row_limit"),
        (url("postgres://h/d?pgbouncer=true&options=-csearch_path%3Da"), "url"),
    ];
    for (settings, key) in cases {
        let error = settings.endpoint(false).unwrap_err();
        assert_eq!(error.key(), key, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn guards_come_after_the_options_of_the_user() {
    let endpoint = url("host=h options='-c search_path=app -c statement_timeout=0'");
    let endpoint = endpoint.endpoint(false).unwrap();
    assert_eq!(
        endpoint.config.get_options().unwrap(),
        "-c search_path=app -c statement_timeout=0 -c default_transaction_read_only=on \
         -c statement_timeout=5000 -c lock_timeout=500 \
         -c idle_in_transaction_session_timeout=5000 -c max_parallel_workers_per_gather=0 \
         -c jit=off -c timezone=UTC"
    );
    assert_eq!(endpoint.protocol, Protocol::Session);
}

#[test]
fn pgbouncer_gets_guarded_transactions_instead_of_options() {
    let endpoint = PostgresSettings { pgbouncer: true, ..parts() }.endpoint(false).unwrap();
    assert_eq!(endpoint.config.get_options(), None);
    let begin = "BEGIN READ ONLY; SET LOCAL statement_timeout = '5000'; SET LOCAL lock_timeout = '500'; \
         SET LOCAL idle_in_transaction_session_timeout = '5000'; \
         SET LOCAL max_parallel_workers_per_gather = '0'; SET LOCAL jit = 'off'; \
         SET LOCAL timezone = 'UTC'";
    assert_eq!(endpoint.protocol, Protocol::Transaction(begin.to_owned()));
}

#[test]
fn the_console_gets_neither_options_nor_transactions() {
    let endpoint = parts().endpoint(true).unwrap();
    assert_eq!(endpoint.config.get_options(), None);
    assert_eq!(endpoint.protocol, Protocol::Simple);
}

#[test]
fn a_setting_wins_over_the_url() {
    let settings = PostgresSettings {
        sslmode: Some(SslMode::VerifyFull),
        connect_timeout: Some(HumanDuration::seconds(1)),
        ..url("host=h sslmode=disable connect_timeout=9 application_name=mine")
    };
    let endpoint = settings.for_exporter("cache-hit").endpoint(false).unwrap();
    assert_eq!(endpoint.tls.mode, SslMode::VerifyFull);
    assert_eq!(endpoint.connect_timeout, Duration::from_secs(1));
    assert_eq!(endpoint.config.get_application_name(), Some("pulso-cache-hit"));
}

#[test]
fn a_unix_socket_has_no_tls() {
    let endpoint = url("host=/run/postgresql sslmode=verify-full").endpoint(false).unwrap();
    assert_eq!(endpoint.tls.mode, SslMode::Disable);
}
