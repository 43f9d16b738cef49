//! The settings as a whole.

use common::process::{check_example, list_targets};

use crate::CacheHit;

#[test]
fn the_example_is_accepted() {
    check_example::<CacheHit>().unwrap();
}

#[test]
fn a_target_has_the_collectors_of_what_it_names() {
    let text = r#"
        [cache-hit.postgres]
        url = "postgres://pulso@db/app"
        [cache-hit.targets.other]
        postgres = { host = "other", dbname = "a" }
        [cache-hit.targets.sessions]
        redis = { url = "rediss://u:p@sessions" }
    "#;
    let expected = [
        "default: server settings databases writers io relations sizes",
        "other: server settings databases writers io relations sizes",
        "sessions: redis redis_commands redis_slowlog redis_cluster",
    ];
    assert_eq!(list_targets::<CacheHit>(text).unwrap(), expected);
}

#[test]
fn an_error_names_its_key() {
    let valid = "[cache-hit.postgres]\nurl = \"postgres://pulso@db/app\"\n";
    let cases = [
        ("", "postgres.url"),
        ("[cache-hit]\nmax_concurrent_probes = 0", "max_concurrent_probes"),
        ("[cache-hit.relations]\ntop_tables = 501", "relations.top_tables"),
        ("[cache-hit.relations]\nevery = \"0s\"", "relations.every"),
        ("[cache-hit.sizes]\nevery = \"2d\"", "sizes.every"),
        ("[cache-hit.caps]\ndatabases = 0", "caps.databases"),
        ("[cache-hit.targets.default.postgres]\nhost = \"a\"", "targets.default"),
        ("[cache-hit.targets.a.postgres]\nport = 1", "targets.a.postgres.url"),
        ("[cache-hit.targets.a]", "targets.a"),
        ("[cache-hit.caps]\ncommand_histograms = 501", "caps.command_histograms"),
        ("[cache-hit.redis]\nport = 1", "redis.port"),
        ("[cache-hit.redis]\nurl = \"nonsense\"", "redis.url"),
        ("[cache-hit.targets.a.redis]\nhost = \"a\"\nusername = \"u\"", "targets.a.redis.password"),
        ("[cache-hit.redis.sentinel]\naddresses = []\nmaster = \"m\"", "redis.sentinel.addresses"),
    ];
    for (text, key) in cases {
        let whole = if text.is_empty() { "[cache-hit]".into() } else { format!("{valid}{text}") };
        let error = list_targets::<CacheHit>(&whole).expect_err(text).to_string();
        assert!(error.contains(&format!("cache-hit.{key}")), "{text}: {error}");
    }
}
