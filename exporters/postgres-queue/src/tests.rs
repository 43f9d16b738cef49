//! The settings as a whole.

use common::process::{check_example, list_targets};

use crate::PostgresQueue;

const VALID: &str = r#"
    [postgres-queue.postgres]
    url = "postgres://pulso@localhost/app"
    [postgres-queue.queues.jobs]
    table = "jobs"
    state = "state"
    error = "error"
    states.waiting = ["pending"]
    states.failed = ["failed"]
"#;

#[test]
fn the_example_settings_are_valid() {
    check_example::<PostgresQueue>().unwrap();
}

#[test]
fn further_targets_share_the_queues() {
    let more = format!("{VALID}\n[postgres-queue.targets.other.postgres]\nhost = \"b\"");
    assert_eq!(
        list_targets::<PostgresQueue>(&more).unwrap(),
        ["default: server jobs pg_cron", "other: server jobs pg_cron"]
    );
}

#[test]
fn an_error_names_the_key() {
    let cases = [
        ("table = \"jobs\"", "table = \"a b\"", "queues.jobs.table"),
        ("table = \"jobs\"", "table = \"jobs; DROP TABLE x\"", "queues.jobs.table"),
        ("table = \"jobs\"", "tabel = \"jobs\"", "queues.jobs"),
        ("state = \"state\"", "state = []", "queues.jobs.state"),
        ("state = \"state\"", "state = \"\"", "queues.jobs.state"),
        ("states.waiting = [\"pending\"]", "states.waiting = []", "queues.jobs.states"),
        ("[\"failed\"]", "[\"pending\"]", "queues.jobs.states.failed"),
        ("[\"failed\"]", "[\"a\\u0000\"]", "queues.jobs.states.failed"),
        ("error =", "kept = [\"cancelled\"]\nerror =", "queues.jobs.kept"),
        ("error =", "kept = [\"running\"]\nerror =", "queues.jobs.kept[0]"),
        ("error =", "filter.kind = []\nerror =", "queues.jobs.filter.kind"),
        (
            "error =",
            "errors = [{ class = \"a\", pattern = \"(\" }]\nerror =",
            "queues.jobs.errors[0].pattern",
        ),
        (
            "error =",
            "errors = [{ class = \"\", pattern = \"a\" }]\nerror =",
            "queues.jobs.errors[0].class",
        ),
        (
            "error = \"error\"",
            "errors = [{ class = \"a\", pattern = \"a\" }]",
            "queues.jobs.errors",
        ),
        ("error =", "buckets.run = [5, 1]\nerror =", "queues.jobs.buckets.run"),
        ("error =", "buckets.run = []\nerror =", "queues.jobs.buckets.run"),
        ("error =", "lookback = \"0s\"\nerror =", "queues.jobs.lookback"),
        ("error =", "lookback = 5\nerror =", "queues.jobs.lookback"),
        ("error =", "max_keys = 1\nerror =", "queues.jobs.max_keys"),
        ("error =", "max_queues = 0\nerror =", "queues.jobs.max_queues"),
        ("error =", "timezone = \"'; --\"\nerror =", "queues.jobs.timezone"),
        ("error =", "clock = \"atomic\"\nerror =", "queues.jobs.clock"),
        ("queues.jobs]", "queues.Jobs]", "queues.Jobs"),
        ("queues.jobs]", "queues.server]", "queues.server"),
        ("url = \"postgres://pulso@localhost/app\"", "", "postgres.url"),
        (
            "[postgres-queue.postgres]",
            "[postgres-queue]\nstate_dir = \"/nowhere\"\n[postgres-queue.postgres]",
            "state_dir",
        ),
        (
            "[postgres-queue.postgres]",
            "[postgres-queue]\nmax_concurrent_probes = 0\n[postgres-queue.postgres]",
            "max_concurrent_probes",
        ),
    ];
    for (from, to, key) in cases {
        assert!(VALID.contains(from), "{from}");
        let error = list_targets::<PostgresQueue>(&VALID.replacen(from, to, 1)).unwrap_err();
        let expected = format!("postgres-queue.{key}");
        assert!(error.key().starts_with(&expected), "{from} -> {to}: {error}");
        assert!(error.to_string().starts_with("test.toml"), "{error}");
    }
}

#[test]
fn target_names_are_checked() {
    for name in ["default", "\"a/b\"", "\"\""] {
        let more = format!("{VALID}\n[postgres-queue.targets.{name}.postgres]\nhost = \"b\"");
        let error = list_targets::<PostgresQueue>(&more).unwrap_err();
        assert!(error.key().starts_with("postgres-queue.targets."), "{name}: {error}");
    }
}
