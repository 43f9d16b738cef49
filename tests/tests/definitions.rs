//! The definitions of the whole suite, taken together.

#![allow(clippy::unwrap_used, reason = "what is not taken fails the test")]

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path, ptr};

use common::{
    metric::{Definition, duplicates},
    process,
    settings::Settings,
};
use profiles::suite::{self, SuiteExporter};

fn every_definition() -> Vec<&'static Definition> {
    let own = suite::ALL.iter().flat_map(|it| (it.catalog)());
    own.chain(process::shared_catalog()).chain(alerts::external::ALL.iter().copied()).collect()
}

#[test]
fn no_exporter_is_left_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exporters");
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let crates = entries.filter(|it| it.join("Cargo.toml").exists());
    let there: BTreeSet<_> =
        crates.map(|it| it.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let known = suite::ALL.iter().map(|it| it.name.to_owned()).collect();
    assert_eq!(there, known, "add the exporter to profiles/src/suite.rs");
}

#[test]
fn every_readme_lists_what_its_exporter_gives() {
    for SuiteExporter { name, catalog, .. } in suite::ALL {
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
    let mut table = "| metric | kind | labels | help |\n|---|---|---|---|\n".to_owned();
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
    for exporter in suite::ALL {
        let catalog = (exporter.catalog)();
        let names: BTreeSet<_> = catalog.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), catalog.len(), "{} lists a metric twice", exporter.name);
    }
}

#[test]
fn exporters_take_the_settings_of_profiles() {
    let mut parsed = 0;
    for exporter in profiles::ALL.iter().flat_map(|it| suite::ALL.iter().map(move |e| (it, e))) {
        let (profile, SuiteExporter { name, targets, settings, .. }) = exporter;
        let Some(settings) = settings(profile).filter(|it| !it.is_empty()) else { continue };
        // The address is not part of a profile.
        let url = format!("[{name}.postgres]\nurl = \"postgresql://pulso@db/app\"\n");
        let toml = format!("{settings}\n{url}");
        targets(&mut Settings::parse(name, "profile.toml", &toml).unwrap()).unwrap();
        parsed += 1;
    }
    assert!(parsed >= 4, "only {parsed} profiles have settings");
}

#[test]
fn the_readme_lists_every_exporter_with_its_port() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    for SuiteExporter { name, port, .. } in suite::ALL {
        let row = format!("| [`{name}`](exporters/{name}) | {port} |");
        assert!(readme.contains(&row), "no line of README.md begins with `{row}`");
    }
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
