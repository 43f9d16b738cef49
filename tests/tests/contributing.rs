//! The two worked examples of CONTRIBUTING.md: put where their text says, compiled, and run.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own workspace has failed")]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use e2e::{Exporter, Postgres, Prometheus};

/// A copy of the workspace that both examples were added to.
static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contributing");
    let _ = fs::remove_dir_all(&copy);
    copy_tree(&workspace(), &copy);
    let text = fs::read_to_string(workspace().join("CONTRIBUTING.md")).unwrap();
    add_metric(&copy, section(&text, "## Add a metric"));
    add_exporter(&copy, section(&text, "## Add an exporter"));
    copy
});

#[test]
fn the_metric_with_panel_and_alert_compiles() {
    cargo(&["check", "-p", "alerts", "-p", "dashboards"]);
}

#[tokio::test]
async fn the_new_exporter_is_scraped_by_prometheus() {
    cargo(&["build", "-p", "wal-archive"]);
    let database = Postgres::start().await.unwrap();
    let exporter = Exporter::builder("wal-archive", "")
        .binary(target().join("debug/wal-archive"))
        .env("DATABASE_URL", &database.url("postgres"));
    let report = exporter.run(&["check"]).unwrap();
    assert!(report.contains("archiver"), "{report}");

    let exporter = exporter.start().await.unwrap();
    let prometheus = Prometheus::builder().job("wal-archive", &exporter.address(), &[]);
    let prometheus = prometheus.start().await.unwrap();
    prometheus.has_value("pg_up{job='wal-archive'}", 1.0).await;
    prometheus.has_value("wal_archive_failures_total{job='wal-archive'}", 0.0).await;
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}

/// Runs Cargo in the copy, which shares the dependencies that are built already.
fn cargo(args: &[&str]) {
    let mut cargo = e2e::exporter::cargo();
    cargo.current_dir(&*COPY).args(args).args(["--quiet", "--offline", "--target-dir"]);
    let output = cargo.arg(target()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let clean = output.status.success() && errors.is_empty();
    assert!(clean, "an example of CONTRIBUTING.md does not compile without warnings:\n{errors}");
}

/// Three files and forty lines by hand are what a metric with panel, alert and runbook may take.
fn add_metric(copy: &Path, text: &str) {
    let Ok([define, fill, draw, key, alert]) = <[Block; 5]>::try_from(blocks(text)) else {
        panic!("the example of a metric has another number of blocks than this test knows");
    };
    let render_file = "exporters/postgres-queue/src/collector/render.rs";
    let panel_file = "dashboards/src/queue/time.rs";
    let alert_file = "alerts/src/queue/waiting.rs";
    define.names(&[render_file, "catalog!"]);
    fill.names(&["render"]);
    draw.names(&[panel_file, "workers()"]);
    key.names(&[alert_file, "panels", "alerts()"]);

    edit(copy, render_file, |it| {
        let defined = behind(it, "catalog! ", "{\n", define.code);
        behind(&defined, "fn render(", "self.context(plan);\n", fill.code)
    });
    edit(copy, panel_file, |it| {
        let drawn = behind(it, "fn workers(", "vec![\n", draw.code);
        format!("{drawn}use postgres_queue::metrics::SHOWN_QUEUES;\n")
    });
    let (call, used) = (
        "too_many(queues), ",
        "use postgres_queue::metrics::{SHOWN_QUEUES, SourceLabels}; use profiles::Limit;\n",
    );
    edit(copy, alert_file, |it| {
        let listed = behind(it, "fn alerts(", "vec![", call);
        let keyed = behind(&listed, "mod panels", "{\n", key.code);
        format!("{keyed}{used}\n{}", alert.code)
    });

    let blocks = [define.code, fill.code, draw.code, key.code, alert.code, call, used];
    let lines: usize = blocks.iter().map(|it| it.trim().lines().count()).sum();
    assert!(lines <= 40, "a metric takes {lines} lines by hand");
}

/// Each block goes into the file that its text names first.
fn add_exporter(copy: &Path, text: &str) {
    let suite = "profiles/src/suite.rs";
    for block in blocks(text) {
        let file = block.text.split('`').nth(1).unwrap();
        if file == suite {
            edit(copy, suite, |it| behind(it, "ALL: ", "&[\n", block.code));
        } else {
            let path = copy.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, block.code).unwrap();
        }
    }
    edit(copy, "Cargo.toml", |it| {
        let line = "wal-archive = { path = \"exporters/wal-archive\" }\n";
        behind(it, "[workspace.dependencies]", "\n", line)
    });
    edit(copy, "profiles/Cargo.toml", |it| {
        behind(it, "[dependencies]", "\n", "wal-archive.workspace = true\n")
    });
    let text = fs::read_to_string(copy.join("exporters/wal-archive/src/lib.rs")).unwrap();
    assert!(text.lines().count() <= 80, "an exporter's lib.rs has at most 80 lines");
}

/// The text of a section of the second level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, text) = text.split_once(heading).unwrap_or_else(|| panic!("no {heading}"));
    text.split_once("\n## ").map_or(text, |(section, _)| section)
}

/// A block of code, and the text since the block before.
struct Block<'a> {
    text: &'a str,
    code: &'a str,
}

impl Block<'_> {
    /// The text says where the code goes.
    fn names(&self, places: &[&str]) {
        for place in places {
            assert!(self.text.contains(&format!("`{place}`")), "no `{place}` in {}", self.text);
        }
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut parts = text.split("```");
    let mut blocks = Vec::new();
    while let (Some(text), Some(block)) = (parts.next(), parts.next()) {
        let (_, code) = block.split_once('\n').unwrap();
        blocks.push(Block { text, code });
    }
    blocks
}

fn edit(copy: &Path, file: &str, edit: impl FnOnce(&str) -> String) {
    let path = copy.join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    fs::write(&path, edit(&text)).unwrap();
}

/// Puts `code` behind the first `then` that follows `start`.
fn behind(text: &str, start: &str, then: &str, code: &str) -> String {
    let found = text.find(start).and_then(|at| Some(at + text[at..].find(then)? + then.len()));
    let (before, after) = text.split_at(found.unwrap_or_else(|| panic!("no {start}…{then}")));
    format!("{before}{code}{after}")
}

/// Copies the sources with their times, so that Cargo recognises what has not changed.
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
