//! The definitions of the whole suite, taken together.

#![allow(clippy::unwrap_used, reason = "what is not taken fails the test")]

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path, ptr};

use cache_hit::CacheHit;
use common::{
    metric::{Definition, duplicates},
    process::{self, Exporter},
    settings::Settings,
};
use pool_usage::PoolUsage;
use postgres_queue::PostgresQueue;

/// An exporter's name and what it defines.
type Catalog = (&'static str, fn() -> Vec<&'static Definition>);

const EXPORTERS: &[Catalog] =
    &[catalog::<PostgresQueue>(), catalog::<PoolUsage>(), catalog::<CacheHit>()];

const fn catalog<E: Exporter>() -> Catalog {
    (E::NAME, E::catalog)
}

fn every_definition() -> Vec<&'static Definition> {
    let own = EXPORTERS.iter().flat_map(|(_, catalog)| catalog());
    own.chain(process::shared_catalog()).chain(alerts::external::ALL.iter().copied()).collect()
}

#[test]
fn no_exporter_is_left_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exporters");
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let crates = entries.filter(|it| it.join("Cargo.toml").exists());
    let there: BTreeSet<_> =
        crates.map(|it| it.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let known = EXPORTERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, known, "add the exporter to EXPORTERS");
}

#[test]
fn every_readme_lists_what_its_exporter_gives() {
    for (name, catalog) in EXPORTERS {
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exporters").join(name);
        let readme = fs::read_to_string(readme.join("README.md")).unwrap_or_default();
        let reference = reference(&catalog());
        assert!(
            readme.contains(&reference),
            "put this table into exporters/{name}/README.md:\n\n{reference}"
        );
    }
}

/// The part of a README that the definitions write.
fn reference(definitions: &[&Definition]) -> String {
    let mut table = "| metric | kind | labels | what it says |\n|---|---|---|---|\n".to_owned();
    for it in definitions {
        let kind = format!("{:?}", it.kind).to_lowercase();
        let labels: Vec<_> = it.labels.iter().map(|it| format!("`{it}`")).collect();
        let labels = if labels.is_empty() { "–".to_owned() } else { labels.join(", ") };
        let _ = writeln!(table, "| `{}` | {kind} | {labels} | {} |", it.name, it.help);
    }
    table
}

#[test]
fn a_name_is_defined_once() {
    let found: Vec<_> = duplicates(&every_definition()).iter().map(ToString::to_string).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn exporters_take_the_settings_of_profiles() {
    let mut taken = 0;
    for profile in profiles::ALL {
        let queues = profile.queues.as_ref().map_or("", |it| it.settings);
        let pools = profile.pools.as_ref().map_or("", |it| it.settings);
        taken += usize::from(take::<PostgresQueue>(queues)) + usize::from(take::<PoolUsage>(pools));
    }
    assert!(taken >= 4, "only {taken} profiles have settings");
}

/// Whether there are settings; they come without an address, which the environment gives.
fn take<E: Exporter>(settings: &str) -> bool {
    let toml = format!("{settings}\n[{}.postgres]\nurl = \"postgresql://pulso@db/app\"\n", E::NAME);
    let mut parsed = Settings::parse(E::NAME, "profile.toml", &toml).unwrap();
    process::targets::<E>(&mut parsed).unwrap();
    !settings.is_empty()
}

#[test]
fn rules_rest_on_what_is_defined() {
    let definitions = every_definition();
    let mut seen = 0;
    for profile in profiles::ALL {
        for alert in alerts::rules(profile).into_alerts() {
            for definition in alert.expression(profile).metrics().into_values() {
                let defined = definitions.iter().any(|it| ptr::eq(*it, definition));
                assert!(defined, "{}: no catalog has {}", alert.name, definition.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "only {seen} metrics");
}
