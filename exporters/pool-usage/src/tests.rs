//! The settings as a whole.

use common::process::{check_example, list_targets};

use crate::PoolUsage;

#[test]
fn the_example_is_accepted() {
    check_example::<PoolUsage>().unwrap();
}

#[test]
fn a_target_has_the_collectors_of_what_it_names() {
    let text = r#"
        [pool-usage.postgres]
        url = "postgres://pulso@db/app"
        [pool-usage.statements]
        enabled = false
        [pool-usage.targets.front.pgbouncer]
        host = "front"
        [pool-usage.targets.other]
        postgres = { host = "other", dbname = "a" }
        pgbouncer = { host = "other", port = 6432 }
    "#;
    let expected = [
        "default: server connections locks replication",
        "front: pgbouncer",
        "other: server connections locks replication pgbouncer",
    ];
    assert_eq!(list_targets::<PoolUsage>(text).unwrap(), expected);
}

#[test]
fn an_error_names_its_key() {
    let valid = "[pool-usage.postgres]\nurl = \"postgres://pulso@db/app\"\n";
    let cases = [
        ("", "postgres.url"),
        ("[pool-usage]\nmax_concurrent_probes = 0", "max_concurrent_probes"),
        ("[pool-usage.statements]\ntop = 501", "statements.top"),
        ("[pool-usage.pools.web]\nsize = 0\nuser = \"a\"", "pools.web.size"),
        ("[pool-usage.pools.web]\nsize = 5", "pools.web.application_name"),
        ("[pool-usage.pools.web]\nsize = 5\nuser = \"(\"", "pools.web.user"),
        ("[pool-usage.targets.default.postgres]\nhost = \"a\"", "targets.default"),
        ("[pool-usage.targets.a.pgbouncer]\nport = 1", "targets.a.pgbouncer.url"),
        ("[pool-usage.targets.a.pools.web]\nsize = 1\nuser = \"a\"", "targets.a"),
        ("[pool-usage.targets.a]\npools.web.size = 1\npgbouncer.host = \"a\"", "targets.a.pools"),
    ];
    for (text, key) in cases {
        let whole = if text.is_empty() { "[pool-usage]".into() } else { format!("{valid}{text}") };
        let error = list_targets::<PoolUsage>(&whole).expect_err(text).to_string();
        assert!(error.contains(&format!("pool-usage.{key}")), "{text}: {error}");
    }
}
