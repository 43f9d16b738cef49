//! OpenMetrics 1.0, by the `prometheus-client` crate.
//!
//! The crate builds names from stem, unit and suffix and escapes label values. It gets parts that
//! join to the definition's name, and help texts that are escaped already.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{
        DescriptorEncoder, EncodeLabel, EncodeLabelSet, LabelSetEncoder, MetricEncoder, NoLabelSet,
        text,
    },
    metrics::MetricType,
    registry::{Registry, Unit as Word},
};

use super::{escape, whole};
use crate::{
    metric::{Definition, Kind, LabelText, Unit},
    scrape::{HistogramValue, Snapshot, Value, snapshot::Family},
};

pub(super) fn write(out: &mut String, snapshot: &Snapshot) {
    let mut registry = Registry::default();
    let families = Families { snapshot: snapshot.clone(), ratio: Word::Other("ratio".to_owned()) };
    registry.register_collector(Box::new(families));
    text::encode(out, &registry).expect("writing to a String does not fail");
}

/// Adapts a snapshot to the crate's collector.
#[derive(Debug)]
struct Families {
    snapshot: Snapshot,
    /// OpenMetrics writes `ratio`, the crate `ratios`.
    ratio: Word,
}

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in self.snapshot.families().filter(|it| !it.samples.is_empty()) {
            let (kind, stem) = self.parts(family.definition);
            let (stem, unit) = self.unit(family.definition.unit, kind, stem);
            let help = escape(family.definition.help, true);
            let metric = encoder.encode_descriptor(stem, &help, unit, kind)?;
            write_samples(metric, kind, family)?;
        }
        Ok(())
    }
}

impl Families {
    /// The family's type, and its name without the suffix that the crate appends for that type.
    ///
    /// OpenMetrics has no counter without `_total`, and no two families with the same name after
    /// suffixes are removed. Such a counter is written under its whole name as type unknown, such
    /// an info as a gauge.
    fn parts(&self, definition: &'static Definition) -> (MetricType, &'static str) {
        let name = definition.name;
        match definition.kind {
            Kind::Gauge => (MetricType::Gauge, name),
            Kind::Histogram => (MetricType::Histogram, name),
            Kind::Counter => match name.strip_suffix("_total") {
                Some(stem) if !self.has(stem) => (MetricType::Counter, stem),
                _ => (MetricType::Unknown, name),
            },
            Kind::Info => match name.strip_suffix("_info") {
                Some(stem) if !self.has(stem) && !self.has(&format!("{stem}_total")) => {
                    (MetricType::Info, stem)
                }
                _ => (MetricType::Gauge, name),
            },
        }
    }

    fn has(&self, name: &str) -> bool {
        self.snapshot.family(name).is_some_and(|it| !it.samples.is_empty())
    }

    /// Splits the unit off the name; a de-facto name may lack it.
    fn unit<'a>(
        &'a self,
        unit: Unit,
        kind: MetricType,
        stem: &'static str,
    ) -> (&'static str, Option<&'a Word>) {
        let word = match (unit, kind) {
            (Unit::None, _) | (_, MetricType::Info) => return (stem, None),
            (Unit::Seconds | Unit::Timestamp, _) => &Word::Seconds,
            (Unit::Bytes, _) => &Word::Bytes,
            (Unit::Ratio, _) => &self.ratio,
        };
        match stem.strip_suffix(word.as_str()).and_then(|it| it.strip_suffix('_')) {
            Some(rest) => (rest, Some(word)),
            None => (stem, None),
        }
    }
}

fn write_samples(mut metric: MetricEncoder<'_>, kind: MetricType, family: &Family) -> fmt::Result {
    let mut buckets = Vec::new();
    for (values, value) in family.samples.iter() {
        let labels = Labels { names: family.definition.labels, values };
        let mut write = |encoder: &mut MetricEncoder<'_>| match value {
            Value::Number(number) => write_number(encoder, kind, *number),
            Value::Histogram(histogram) => write_histogram(encoder, histogram, &mut buckets),
        };
        if matches!(kind, MetricType::Info) {
            metric.encode_info(&labels)?;
        } else if labels.names.is_empty() {
            write(&mut metric)?;
        } else {
            write(&mut metric.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

fn write_number(encoder: &mut MetricEncoder<'_>, kind: MetricType, value: f64) -> fmt::Result {
    let integer = whole(value);
    if matches!(kind, MetricType::Counter) {
        return match integer.and_then(|it| u64::try_from(it).ok()) {
            Some(value) => encoder.encode_counter::<NoLabelSet, _, f64>(&value, None),
            None => encoder.encode_counter::<NoLabelSet, _, f64>(&value, None),
        };
    }
    match integer {
        Some(value) => encoder.encode_gauge(&value),
        None => encoder.encode_gauge(&value),
    }
}

fn write_histogram(
    encoder: &mut MetricEncoder<'_>,
    value: &HistogramValue,
    buckets: &mut Vec<(f64, u64)>,
) -> fmt::Result {
    buckets.clear();
    buckets.extend(value.buckets());
    encoder.encode_histogram::<NoLabelSet>(value.sum(), value.count(), buckets, None)
}

/// One series' labels.
struct Labels<'a> {
    names: &'static [&'static str],
    values: &'a [LabelText],
}

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        for (name, value) in self.names.iter().zip(self.values) {
            (*name, value.as_ref()).encode(encoder.encode_label())?;
        }
        Ok(())
    }
}
