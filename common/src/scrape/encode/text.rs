//! The classic text format 0.0.4.

use std::fmt::Write;

use super::{escape, whole};
use crate::{
    metric::{Kind, LabelText},
    scrape::{HistogramValue, Snapshot, Value, snapshot::Family},
};

pub(super) fn write(out: &mut String, snapshot: &Snapshot) {
    for family in snapshot.families().filter(|it| !it.samples.is_empty()) {
        write_family(out, family);
    }
}

fn write_family(out: &mut String, family: &Family) {
    let definition = family.definition;
    let kind = match definition.kind {
        // The classic format has no info type: by convention it is a gauge that is always 1.
        Kind::Gauge | Kind::Info => "gauge",
        Kind::Counter => "counter",
        Kind::Histogram => "histogram",
    };
    push(out, &["# HELP ", definition.name, " ", &escape(definition.help, false), "\n"]);
    push(out, &["# TYPE ", definition.name, " ", kind, "\n"]);
    for (values, value) in family.samples.iter() {
        let series = Series { name: definition.name, labels: definition.labels, values };
        match value {
            Value::Number(number) => series.write(out, "", None, *number),
            Value::Histogram(histogram) => series.write_histogram(out, histogram),
        }
    }
}

struct Series<'a> {
    name: &'static str,
    labels: &'static [&'static str],
    values: &'a [LabelText],
}

impl Series<'_> {
    fn write(&self, out: &mut String, suffix: &str, le: Option<&str>, value: f64) {
        push(out, &[self.name, suffix]);
        let labels = self.labels.iter().copied().zip(self.values.iter().map(AsRef::as_ref));
        let mut before = '{';
        for (label, value) in labels.chain(le.map(|bound| ("le", bound))) {
            out.push(before);
            push(out, &[label, "=\"", &escape(value, true), "\""]);
            before = ',';
        }
        if before == ',' {
            out.push('}');
        }
        out.push(' ');
        write_number(out, value);
        out.push('\n');
    }

    fn write_histogram(&self, out: &mut String, histogram: &HistogramValue) {
        let mut below = 0;
        for (bound, count) in histogram.buckets() {
            below += count;
            let mut digits = dtoa::Buffer::new();
            let le = if bound.is_finite() { digits.format_finite(bound) } else { "+Inf" };
            self.write(out, "_bucket", Some(le), below as f64);
        }
        self.write(out, "_sum", None, histogram.sum());
        self.write(out, "_count", None, below as f64);
    }
}

fn write_number(out: &mut String, value: f64) {
    match whole(value) {
        Some(value) => write!(out, "{value}").expect("writing to a String does not fail"),
        None if value == f64::INFINITY => out.push_str("+Inf"),
        None if value == f64::NEG_INFINITY => out.push_str("-Inf"),
        None => out.push_str(dtoa::Buffer::new().format(value)),
    }
}

fn push(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}
