//! Both text formats before third parties: Python's strict OpenMetrics parser and promtool.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    process::{Command, Output, Stdio},
    thread,
};

use common::{
    metric::{Definition, Kind, LabelText, Unit, Values},
    process::shared_catalog,
    scrape::{
        HistogramValue, Snapshot, Value,
        encode::{Format, encode},
    },
};
use serde::Deserialize;

/// Hostile names of queues.
const HOSTILE: [&str; 9] = [
    "\"}\n",
    "\\",
    "\\n",
    "# EOF\n",
    "\0",
    "\r\n",
    "a=\"b\",",
    "\u{2028}\u{85}\u{feff}",
    "Ñandú \u{1F4A9}\u{10FFFF}",
];

static HOSTILE_HELP: Definition = Definition {
    name: "hostile_help",
    kind: Kind::Gauge,
    unit: Unit::None,
    help: "Says \"\\no\\\\\", breaks\nlines, and goes on # HELP hostile_help again\r",
    labels: &["queue"],
    buckets: &[],
};

static HOSTILE_HISTOGRAM: Definition = Definition {
    name: "hostile_wait_seconds",
    kind: Kind::Histogram,
    unit: Unit::Seconds,
    help: "Wait",
    labels: &["queue"],
    buckets: &[0.00001, 0.5, 1e9],
};

/// A counter as another exporter names it, which OpenMetrics does not know.
static DE_FACTO: Definition = Definition {
    name: "blks_hit",
    kind: Kind::Counter,
    unit: Unit::None,
    help: "Hits",
    labels: &[],
    buckets: &[],
};

fn definitions() -> Vec<&'static Definition> {
    let mut all = shared_catalog();
    all.extend(postgres_queue::metrics::all());
    all
}

/// One sample of each definition.
fn samples(definitions: &[&'static Definition]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for definition in definitions {
        let labels = definition.labels.iter().map(|label| LabelText::of(label)).collect();
        fill(&mut snapshot, definition, labels);
    }
    snapshot
}

fn hostile() -> Snapshot {
    let mut snapshot = Snapshot::default();
    for queue in HOSTILE {
        fill(&mut snapshot, &HOSTILE_HELP, Values::from_iter([LabelText::of(queue)]));
        fill(&mut snapshot, &HOSTILE_HISTOGRAM, Values::from_iter([LabelText::of(queue)]));
    }
    let megabyte = "\"\\\n\0é".repeat(175_000);
    fill(&mut snapshot, &HOSTILE_HELP, Values::from_iter([megabyte.into()]));
    fill(&mut snapshot, &DE_FACTO, Values::new());
    snapshot
}

fn fill(snapshot: &mut Snapshot, definition: &'static Definition, labels: Values) {
    let value = if definition.kind == Kind::Histogram {
        let mut histogram = HistogramValue::new(definition.buckets.into());
        histogram.observe_many(0.3, 5);
        histogram.observe(1e12);
        Value::Histogram(histogram.into())
    } else if definition.kind == Kind::Info {
        Value::Number(1.0)
    } else {
        Value::Number(1.5)
    };
    snapshot.set(definition, labels, value);
}

#[test]
fn strict_openmetrics_parser_reads_every_metric() {
    let definitions = definitions();

    let families = read_by_python(&encode(&samples(&definitions), Format::OpenMetrics));

    let read: BTreeSet<_> = families.iter().flat_map(Family::bare_names).collect();
    let defined: BTreeSet<_> = definitions.iter().map(|it| it.name.to_owned()).collect();
    assert_eq!(read, defined, "names come out as they are defined");
}

#[test]
fn strict_openmetrics_parser_reads_hostile_text() {
    let snapshot = hostile();

    let families = read_by_python(&encode(&snapshot, Format::OpenMetrics));

    let kinds: Vec<_> = families.iter().map(|it| (it.name.as_str(), it.kind.as_str())).collect();
    let expected =
        [("blks_hit", "unknown"), ("hostile_help", "gauge"), ("hostile_wait_seconds", "histogram")];
    assert_eq!(kinds, expected);
    assert_eq!(families[1].help, HOSTILE_HELP.help);
    let read: BTreeSet<_> = families[1].samples.iter().map(|it| it.1["queue"].as_str()).collect();
    let written = &snapshot.family("hostile_help").unwrap().samples;
    assert!(read.into_iter().eq(written.labels().map(|it| it[0].as_ref())));
}

#[test]
fn promtool_accepts_every_metric() {
    let text = encode(&samples(&definitions()), Format::Text);

    let output = feed(Command::new("promtool").args(["check", "metrics"]), &text);

    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.is_empty(), "{text}");
}

#[test]
fn promtool_reads_hostile_text() {
    let text = encode(&hostile(), Format::Text);

    let output = feed(Command::new("promtool").args(["check", "metrics"]), &text);

    // The de-facto name is complained of; whatever cannot be parsed is another message.
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text.trim(), "blks_hit counter metrics should have \"_total\" suffix");
}

#[derive(Deserialize)]
struct Family {
    name: String,
    kind: String,
    help: String,
    samples: Vec<(String, BTreeMap<String, String>, String)>,
}

impl Family {
    /// The names of its samples, of a histogram its own.
    fn bare_names(&self) -> Vec<String> {
        match self.kind.as_str() {
            "histogram" => vec![self.name.clone()],
            _ => self.samples.iter().map(|it| it.0.clone()).collect(),
        }
    }
}

fn read_by_python(text: &str) -> Vec<Family> {
    const SCRIPT: &str = r#"
import io, json, sys
from prometheus_client.openmetrics.parser import text_fd_to_metric_families
text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="strict", newline="\n")
print(json.dumps([
    {
        "name": family.name,
        "kind": family.type,
        "help": family.documentation,
        "samples": [[it.name, it.labels, repr(it.value)] for it in family.samples],
    }
    for family in text_fd_to_metric_families(text)
]))
"#;
    let python = e2e::python::interpreter().unwrap_or_else(|needs| panic!("{needs}"));
    let output = feed(Command::new(python).args(["-c", SCRIPT]), text);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script prints its families as JSON")
}

fn feed(command: &mut Command, text: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{command:?}: {error}; promtool comes with `apt-get install prometheus`")
        });
    let mut stdin = child.stdin.take().expect("it is piped");
    let text = text.to_owned();
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("the child is waited for once");
    // A reader that stops early has text why on its own standard error.
    let _ = writer.join().expect("the writer does not panic");
    output
}
