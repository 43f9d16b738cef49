//! The worked example of CONTRIBUTING.md, put where its text says and compiled.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own workspace has failed")]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where a step of the example goes.
struct Place {
    /// The file, as the step names it.
    named: &'static str,
    /// The same from the workspace's root.
    file: &'static str,
    /// What the step names in that file; the code goes behind `then`, which follows it.
    within: &'static str,
    then: &'static str,
}

const PLACES: [Place; 4] = [
    Place {
        named: "exporters/postgres-queue/src/metrics.rs",
        file: "exporters/postgres-queue/src/metrics.rs",
        within: "catalog!",
        then: " {\n",
    },
    Place {
        named: "src/source/render.rs",
        file: "exporters/postgres-queue/src/source/render.rs",
        within: "render",
        then: "lock(&self.state);\n",
    },
    Place {
        named: "dashboards/src/queue/time.rs",
        file: "dashboards/src/queue/time.rs",
        within: "workers()",
        then: "vec![\n",
    },
    Place {
        named: "alerts/src/queue/mod.rs",
        file: "alerts/src/queue/mod.rs",
        within: "alerts()",
        then: "vec![\n",
    },
];

#[test]
fn the_example_compiles_as_it_stands() {
    let text = fs::read_to_string(workspace().join("CONTRIBUTING.md")).unwrap();
    let blocks = rust_blocks(&text);
    assert_eq!(blocks.len(), PLACES.len(), "a step more or less: {blocks:#?}");
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contributing");
    let _ = fs::remove_dir_all(&copy);
    copy_tree(&workspace(), &copy);
    for (place, (said, code)) in PLACES.iter().zip(&blocks) {
        for words in [place.named, place.within] {
            assert!(said.contains(&format!("`{words}`")), "`{words}` is not named in {said}");
        }
        let path = copy.join(place.file);
        fs::write(&path, put(place, code, &fs::read_to_string(&path).unwrap())).unwrap();
    }

    let mut cargo = e2e::exporter::cargo();
    cargo.current_dir(&copy).args(["check", "--quiet", "--offline", "-p", "alerts"]);
    cargo.args(["-p", "dashboards", "--target-dir"]).arg(copy.join("../.."));
    let output = cargo.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example does not compile:\n{said}");
}

/// Each block of Rust, and the text since the one before.
fn rust_blocks(text: &str) -> Vec<(&str, &str)> {
    let mut parts = text.split("```");
    let mut blocks = Vec::new();
    while let (Some(said), Some(block)) = (parts.next(), parts.next()) {
        blocks.extend(block.strip_prefix("rust\n").map(|code| (said, code)));
    }
    blocks
}

fn put(place: &Place, code: &str, into: &str) -> String {
    let name = place.within.trim_end_matches("()");
    let starts = [format!("fn {name}("), format!("::{name} ")];
    let start = starts.iter().find_map(|it| into.find(it)).unwrap_or_else(|| {
        panic!("{} has no `{}`, where CONTRIBUTING.md puts code", place.file, place.within)
    });
    let then = into[start..].find(place.then);
    let at = start + then.unwrap_or_else(|| panic!("{}: no {:?}", place.file, place.then));
    let (before, after) = into.split_at(at + place.then.len());
    // "and the `use` of what it names"
    if place.named.starts_with("alerts") {
        let used = "use postgres_queue::metrics::{SHOWN_QUEUES, SourceLabels};\n";
        format!("{before}too_many(queues),\n{after}\n{used}{code}")
    } else if place.named.starts_with("dashboards") {
        format!("{before}{code}{after}\nuse postgres_queue::metrics::SHOWN_QUEUES;\n")
    } else {
        format!("{before}{code}{after}")
    }
}

/// Copies what is built, with its times, so that Cargo knows again what has not changed.
fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (name, kind) = (entry.file_name(), entry.file_type().unwrap());
        let left_out = ["target", "generated"].iter().any(|it| name == *it);
        let to = to.join(&name);
        if kind.is_dir() && !left_out && !name.as_encoded_bytes().starts_with(b".") {
            copy_tree(&entry.path(), &to);
        } else if kind.is_file() {
            fs::copy(entry.path(), &to).unwrap();
            let time = entry.metadata().unwrap().modified().unwrap();
            File::options().write(true).open(&to).unwrap().set_modified(time).unwrap();
        }
    }
}
