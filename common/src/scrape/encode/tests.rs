//! Both formats against a small strict parser, with hostile labels and help texts.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use flate2::read::GzDecoder;
use proptest::prelude::*;

use super::*;
use crate::{
    metric::{Counter, Definition, Gauge, Histogram, Info, Kind, Unit, Values},
    scrape::{HistogramValue, Value},
};

crate::labels! {
    struct QueueLabels {
        queue: String,
    }
}

crate::labels! {
    struct VersionLabels {
        version: &'static str,
        commit: &'static str,
    }
}

crate::catalog! {
    /// Jobs that "wait", by queue; see C:\queues
    static JOBS: Gauge<QueueLabels> = "queue_jobs";
    /// Oldest
    static AGE: Gauge = "queue_age_seconds";
    /// Last run
    static LAST: Gauge = "queue_last_run_timestamp_seconds";
    /// How full
    static FULL: Gauge = "queue_full_ratio";
    /// Bytes sent
    static SENT: Counter = "sent_bytes_total";
    /// Jobs done
    static DONE: Counter = "done_total";
    /// Hits
    static HITS: Counter = de_facto("blks_hit", Unit::None);
    /// Run
    static RUN: Histogram<QueueLabels> = with_buckets("queue_run_seconds", &[0.00001, 0.5, 10.0]);
    /// Build
    static BUILD: Info<VersionLabels> = "pulso_build_info";

    // Without their `_total` and `_info` these have the name of `JOBS`.

    /// Jobs seen
    static JOBS_SEEN: Counter = "queue_jobs_total";
    /// About jobs
    static JOBS_INFO: Info<QueueLabels> = "queue_jobs_info";
}

fn example() -> Snapshot {
    let mut snapshot = Snapshot::default();
    let of = |queue: &str| QueueLabels { queue: queue.to_owned() };
    snapshot.gauge(&JOBS, of("mail"), 12.0);
    snapshot.gauge(&JOBS, of("\"}\n\\"), -3.5);
    snapshot.gauge(&JOBS, of("unknown"), None);
    snapshot.gauge(&AGE, (), f64::INFINITY);
    snapshot.gauge(&LAST, (), 1_700_000_000.25);
    snapshot.gauge(&FULL, (), 0.5);
    snapshot.counter(&SENT, (), 17_179_869_184.0);
    snapshot.counter(&DONE, (), f64::NAN);
    snapshot.counter(&HITS, (), 1e300);
    snapshot.info(&BUILD, VersionLabels { version: "0.1.0", commit: "" });
    let mut run = HistogramValue::new([0.00001, 0.5, 10.0].into());
    run.observe(0.25);
    run.observe_many(2.0, 3);
    snapshot.histogram(&RUN, of("mail"), run);
    snapshot
}

fn check(format: Format, expected: &Expect) {
    expected.assert_eq(&encode(&example(), format));
}

#[test]
fn openmetrics_as_it_is_written() {
    check(
        Format::OpenMetrics,
        &expect![[r#"
            # HELP blks_hit Hits
            # TYPE blks_hit unknown
            blks_hit 1e300
            # HELP pulso_build Build
            # TYPE pulso_build info
            pulso_build_info{version="0.1.0",commit=""} 1
            # HELP queue_age_seconds Oldest
            # TYPE queue_age_seconds gauge
            # UNIT queue_age_seconds seconds
            queue_age_seconds inf
            # HELP queue_full_ratio How full
            # TYPE queue_full_ratio gauge
            # UNIT queue_full_ratio ratio
            queue_full_ratio 0.5
            # HELP queue_jobs Jobs that \"wait\", by queue; see C:\\queues
            # TYPE queue_jobs gauge
            queue_jobs{queue="\"}\n\\"} -3.5
            queue_jobs{queue="mail"} 12
            # HELP queue_last_run_timestamp_seconds Last run
            # TYPE queue_last_run_timestamp_seconds gauge
            # UNIT queue_last_run_timestamp_seconds seconds
            queue_last_run_timestamp_seconds 1700000000.25
            # HELP queue_run_seconds Run
            # TYPE queue_run_seconds histogram
            # UNIT queue_run_seconds seconds
            queue_run_seconds_sum{queue="mail"} 6.25
            queue_run_seconds_count{queue="mail"} 4
            queue_run_seconds_bucket{le="0.00001",queue="mail"} 0
            queue_run_seconds_bucket{le="0.5",queue="mail"} 1
            queue_run_seconds_bucket{le="10.0",queue="mail"} 4
            queue_run_seconds_bucket{le="+Inf",queue="mail"} 4
            # HELP sent_bytes Bytes sent
            # TYPE sent_bytes counter
            # UNIT sent_bytes bytes
            sent_bytes_total 17179869184
            # EOF
        "#]],
    );
}

#[test]
fn classic_text_as_it_is_written() {
    check(
        Format::Text,
        &expect![[r#"
            # HELP blks_hit Hits
            # TYPE blks_hit counter
            blks_hit 1e300
            # HELP pulso_build_info Build
            # TYPE pulso_build_info gauge
            pulso_build_info{version="0.1.0",commit=""} 1
            # HELP queue_age_seconds Oldest
            # TYPE queue_age_seconds gauge
            queue_age_seconds +Inf
            # HELP queue_full_ratio How full
            # TYPE queue_full_ratio gauge
            queue_full_ratio 0.5
            # HELP queue_jobs Jobs that "wait", by queue; see C:\\queues
            # TYPE queue_jobs gauge
            queue_jobs{queue="\"}\n\\"} -3.5
            queue_jobs{queue="mail"} 12
            # HELP queue_last_run_timestamp_seconds Last run
            # TYPE queue_last_run_timestamp_seconds gauge
            queue_last_run_timestamp_seconds 1700000000.25
            # HELP queue_run_seconds Run
            # TYPE queue_run_seconds histogram
            queue_run_seconds_bucket{queue="mail",le="0.00001"} 0
            queue_run_seconds_bucket{queue="mail",le="0.5"} 1
            queue_run_seconds_bucket{queue="mail",le="10.0"} 4
            queue_run_seconds_bucket{queue="mail",le="+Inf"} 4
            queue_run_seconds_sum{queue="mail"} 6.25
            queue_run_seconds_count{queue="mail"} 4
            # HELP sent_bytes_total Bytes sent
            # TYPE sent_bytes_total counter
            sent_bytes_total 17179869184
        "#]],
    );
}

#[test]
fn names_that_openmetrics_cannot_tell_apart_are_written_whole() {
    let mut snapshot = example();
    snapshot.counter(&JOBS_SEEN, (), 7.0);
    snapshot.info(&JOBS_INFO, QueueLabels { queue: "mail".to_owned() });

    let text = encode(&snapshot, Format::OpenMetrics);

    assert!(text.contains("# TYPE queue_jobs_total unknown\nqueue_jobs_total 7\n"), "{text}");
    assert!(text.contains("# TYPE queue_jobs_info gauge\nqueue_jobs_info{queue=\"mail\"} 1\n"));
    parse(&text, Format::OpenMetrics);
}

#[test]
fn an_empty_snapshot_is_an_empty_answer() {
    assert_eq!(encode(&Snapshot::default(), Format::OpenMetrics), "# EOF\n");
    assert_eq!(encode(&Snapshot::default(), Format::Text), "");
}

#[test]
fn a_megabyte_in_a_label_survives() {
    let queue = "\"\\\n\0é".repeat(175_000);
    let mut snapshot = Snapshot::default();
    snapshot.gauge(&JOBS, QueueLabels { queue: queue.clone() }, 1.0);

    for format in [Format::OpenMetrics, Format::Text] {
        let families = parse(&encode(&snapshot, format), format);
        assert_eq!(families[0].samples[0].labels["queue"], queue, "{format:?}");
    }
}

#[test]
fn gzip_gives_back_what_went_in() {
    let body = encode(&example(), Format::Text);

    let packed = gzip(body.as_bytes());

    assert!(packed.len() < body.len());
    assert_eq!(std::io::read_to_string(GzDecoder::new(packed.as_slice())).unwrap(), body);
}

/// Text with many characters that the formats escape.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\"\\\\\n\r\0{},= #né\u{2028}\u{10FFFF}]{0,12}",
        Just("# EOF\n".to_owned()),
        Just("\\".to_owned()),
    ]
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("a known value", |it| !it.is_nan()),
        (-1_000_000_i32..1_000_000).prop_map(f64::from),
    ]
}

proptest! {
    #[test]
    fn labels_help_and_values_come_back_as_they_were(
        help in hostile(),
        series in prop::collection::btree_map((hostile(), hostile()), any_value(), 1..6),
    ) {
        // A definition is `'static`; a test may leak one.
        let definition: &'static Definition = Box::leak(Box::new(Definition {
            name: "hostile",
            kind: Kind::Gauge,
            unit: Unit::None,
            help: String::leak(help.clone()),
            labels: &["one", "other"],
            buckets: &[],
        }));
        let mut snapshot = Snapshot::default();
        for ((one, other), value) in &series {
            let labels = Values::from_iter([one.clone().into(), other.clone().into()]);
            snapshot.set(definition, labels, Value::Number(*value));
        }

        for format in [Format::OpenMetrics, Format::Text] {
            let families = parse(&encode(&snapshot, format), format);
            prop_assert_eq!(families.len(), 1);
            prop_assert_eq!(&families[0].help, &help);
            let read: BTreeMap<_, _> = families[0].samples.iter().map(|sample| {
                let labels = (sample.labels["one"].clone(), sample.labels["other"].clone());
                (labels, sample.value)
            }).collect();
            prop_assert_eq!(&read, &series);
        }
    }
}

#[derive(Debug)]
struct ParsedFamily {
    name: String,
    help: String,
    samples: Vec<ParsedSample>,
}

#[derive(Debug)]
struct ParsedSample {
    labels: BTreeMap<String, String>,
    value: f64,
}

/// Reads a whole answer; panics at the first thing that the format does not allow.
fn parse(text: &str, format: Format) -> Vec<ParsedFamily> {
    let mut families: Vec<ParsedFamily> = Vec::new();
    let body = match format {
        Format::OpenMetrics => text.strip_suffix("# EOF\n").expect("ends in # EOF"),
        Format::Text => text,
    };
    for line in body.split_terminator('\n') {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("HELP has a name and a text");
            assert!(families.iter().all(|it| it.name != name), "{name} occurs twice");
            let help = unescape(help, format == Format::OpenMetrics);
            families.push(ParsedFamily { name: name.to_owned(), help, samples: Vec::new() });
        } else if let Some(rest) = line.strip_prefix("# TYPE ").or(line.strip_prefix("# UNIT ")) {
            let name = rest.split(' ').next().unwrap();
            assert_eq!(families.last().expect("HELP comes first").name, name);
        } else {
            let family = families.last_mut().expect("HELP comes first");
            let name = line.split(['{', ' ']).next().unwrap();
            assert!(name.starts_with(&family.name), "{name} is not of {}", family.name);
            family.samples.push(parse_sample(&line[name.len()..], format));
        }
    }
    families
}

fn parse_sample(rest: &str, format: Format) -> ParsedSample {
    let mut labels = BTreeMap::new();
    let mut rest = rest;
    if let Some(mut inside) = rest.strip_prefix('{') {
        loop {
            let (name, value) = inside.split_once("=\"").expect("a label has a value");
            let end = closing_quote(value);
            labels.insert(name.to_owned(), unescape(&value[..end], true));
            match value[end + 1..].split_at(1) {
                (",", more) => inside = more,
                ("}", more) => {
                    rest = more;
                    break;
                }
                _ => panic!("unexpected {value:?} after a label's value in {format:?}"),
            }
        }
    }
    let value = rest.strip_prefix(' ').expect("a space before the value");
    ParsedSample { labels, value: value.parse().expect(value) }
}

fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    text.bytes()
        .position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        })
        .expect("a label's value ends")
}

fn unescape(text: &str, quotes: bool) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.push(match characters.next() {
                Some('\\') => '\\',
                Some('n') => '\n',
                Some('"') if quotes => '"',
                other => panic!("no such escape: {other:?}"),
            }),
            '"' => {
                assert!(!quotes, "a bare quote in {text:?}");
                plain.push('"');
            }
            _ => plain.push(character),
        }
    }
    plain
}
