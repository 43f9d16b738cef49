//! Grafana's own types accept every dashboard, and refuse what Grafana does not know.

use std::{fs, path::Path, process::Command};

fn check(folder: &Path) -> Result<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let script = root.join("scripts/check-dashboards");
    let output = Command::new(script).arg(folder).output().expect("the script can be started");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// One test, for both parts share the folder in which the compiler works.
#[test]
fn grafanas_types_accept_every_dashboard_and_refuse_what_they_do_not_know() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboards/generated/grafana");
    let said = check(&committed).unwrap_or_else(|said| panic!("{said}"));
    assert!(said.contains(&format!("{} dashboards", dashboards::all().len())), "{said}");

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
    let said = refused.expect_err("what Grafana does not know");
    for (_, _, named) in seeds {
        assert!(said.contains(named), "{named}: {said}");
    }
}
