//! The worked example of CONTRIBUTING.md, put where its text says and compiled.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own workspace has failed")]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_example_compiles_as_it_stands() {
    let text = fs::read_to_string(workspace().join("CONTRIBUTING.md")).unwrap();
    let Ok([define, fill, draw, key, compare]) = <[Step; 5]>::try_from(steps(&text)) else {
        panic!("the example has a step more or less; put it into its place below");
    };
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contributing");
    let _ = fs::remove_dir_all(&copy);
    copy_tree(&workspace(), &copy);
    let edit = |file: &str, edit: &dyn Fn(&str) -> String| {
        let path = copy.join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        fs::write(&path, edit(&text)).unwrap();
    };
    define.names(&["exporters/postgres-queue/src/metrics.rs", "catalog!"]);
    edit("exporters/postgres-queue/src/metrics.rs", &|it| {
        behind(it, "catalog! ", "{\n", define.code)
    });
    fill.names(&["src/collector/render.rs", "render"]);
    edit("exporters/postgres-queue/src/collector/render.rs", &|it| {
        behind(it, "fn render(", "self.context(plan);\n", fill.code)
    });
    draw.names(&["dashboards/src/queue/time.rs", "workers()"]);
    edit("dashboards/src/queue/time.rs", &|it| {
        let drawn = behind(it, "fn workers(", "vec![\n", draw.code);
        format!("{drawn}use postgres_queue::metrics::SHOWN_QUEUES;\n")
    });
    key.names(&["alerts/src/queue/waiting.rs", "panels", "alerts()"]);
    edit("alerts/src/queue/waiting.rs", &|it| {
        let text = behind(it, "pub mod panels", ";\n", key.code);
        let text = behind(&text, "fn alerts(", "vec![", "too_many(queues), ");
        let used =
            "use postgres_queue::metrics::{SHOWN_QUEUES, SourceLabels}; use profiles::Limit;";
        format!("{text}{used}\n{}", compare.code)
    });

    let mut cargo = e2e::exporter::cargo();
    cargo.current_dir(&copy).args(["check", "--quiet", "--offline", "-p", "alerts"]);
    cargo.args(["-p", "dashboards", "--target-dir"]).arg(copy.join("../.."));
    let output = cargo.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example does not compile:\n{said}");
}

/// A block of Rust, and the text since the one before.
struct Step<'a> {
    said: &'a str,
    code: &'a str,
}

impl Step<'_> {
    /// That the text says where the code goes.
    fn names(&self, places: &[&str]) {
        for place in places {
            assert!(self.said.contains(&format!("`{place}`")), "no `{place}` in {}", self.said);
        }
    }
}

fn steps(text: &str) -> Vec<Step<'_>> {
    let mut parts = text.split("```");
    let mut steps = Vec::new();
    while let (Some(said), Some(block)) = (parts.next(), parts.next()) {
        steps.extend(block.strip_prefix("rust\n").map(|code| Step { said, code }));
    }
    steps
}

/// Puts `code` behind the first `then` that follows `start`.
fn behind(text: &str, start: &str, then: &str, code: &str) -> String {
    let found = text.find(start).and_then(|at| Some(at + text[at..].find(then)? + then.len()));
    let (before, after) = text.split_at(found.unwrap_or_else(|| panic!("no {start}…{then}")));
    format!("{before}{code}{after}")
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
