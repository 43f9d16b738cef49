//! Grafana's own types accept every dashboard, and refuse what Grafana does not know.

use std::{fs, path::Path, process::Command};

fn check(folder: &Path) -> Result<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let script = root.join("scripts/check-dashboards");
    let output = Command::new(script).arg(folder).output().expect("the script can be started");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    if output.status.success() { Ok(text) } else { Err(text) }
}

/// One test, for both parts share the folder in which the compiler works.
#[test]
fn dashboards_match_grafanas_types() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboards/generated/grafana");
    let text = check(&committed).unwrap_or_else(|text| panic!("{text}"));
    assert!(text.contains(&format!("{} dashboards", dashboards::all().len())), "{text}");

    let sound = fs::read_to_string(committed.join("generic/queue.json")).expect("it is committed");
    let seeds = [
        ("\"graphMode\": \"area\"", "\"graphMode\": \"areas\"", "areas"),
        ("\"fillOpacity\": 60", "\"fillOpacityy\": 60", "fillOpacityy"),
        ("\"editable\": false", "\"editable\": false, \"editors\": []", "editors"),
        ("\"thresholds\": {", "\"threshold\": {", "threshold"),
    ];
    // All in one file: the compiler names each, and it is slow to start.
    let mut broken = sound;
    for (from, to, _) in seeds {
        let seeded = broken.replacen(from, to, 1);
        assert_ne!(seeded, broken, "{from} is nowhere");
        broken = seeded;
    }
    let folder = std::env::temp_dir().join(format!("pulso-schema-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder can be made");
    fs::write(folder.join("broken.json"), broken).expect("a file can be written");
    let refused = check(&folder);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
    let text = refused.expect_err("what Grafana does not know");
    for (_, _, named) in seeds {
        assert!(text.contains(named), "{named}: {text}");
    }
}
