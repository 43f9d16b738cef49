//! Hit ratios are recorded where they say something, and absent where they would mislead.

#![allow(clippy::unwrap_used, reason = "without its files the test has failed")]

use std::{fmt::Write as _, fs, process::Command};

use alerts::{rules::Rules, scope::Urls, write::rules::rule_file};
use profiles::generic;
use promql::Style;

const REDIS: &str = "instance:redis_hit:ratio_rate5m";
const DATABASE: &str = "datname:cache_hit:ratio_rate5m";
const TABLE: &str = "relname:cache_hit:ratio_rate5m";

/// Ten minutes of steady work: nine of ten are hits.
const HITS: &str = "0+90x80";
const MISSES: &str = "0+10x80";

/// Series, then the minutes at which there is a ratio and at which there is none.
struct Case {
    name: &'static str,
    record: &'static str,
    series: Vec<(&'static str, &'static str)>,
    present: &'static [u32],
    absent: &'static [u32],
}

fn redis(name: &'static str, [hits, misses, start, primary]: [&'static str; 4]) -> Case {
    let series = vec![
        ("redis_keyspace_hits_total{TARGET}", hits),
        ("redis_keyspace_misses_total{TARGET}", misses),
        ("redis_start_time_seconds{TARGET}", start),
        ("redis_instance_role{TARGET,role=\"master\"}", primary),
    ];
    Case { name, record: REDIS, series, present: &[], absent: &[] }
}

fn postgres(name: &'static str, [hits, misses, start, standby]: [&'static str; 4]) -> Case {
    let series = vec![
        ("cache_blocks_hit_total{TARGET,datname=\"app\"}", hits),
        ("cache_blocks_read_total{TARGET,datname=\"app\"}", misses),
        ("cache_statistics_reset_timestamp_seconds{TARGET,datname=\"app\"}", "5x80"),
        ("pg_postmaster_start_time_seconds{TARGET}", start),
        ("pg_replication_is_replica{TARGET}", standby),
    ];
    Case { name, record: DATABASE, series, present: &[], absent: &[] }
}

impl Case {
    fn with(mut self, series: &'static str, values: &'static str) -> Self {
        for (name, old) in &mut self.series {
            if name.starts_with(series) {
                *old = values;
            }
        }
        self
    }

    fn records(self, present: &'static [u32], absent: &'static [u32]) -> Self {
        Self { present, absent, ..self }
    }

    fn write(&self, out: &mut String) {
        let target = "instance=\"a\",job=\"cache-hit\"";
        let _ = writeln!(out, "- name: {}\n  interval: 15s\n  input_series:", self.name);
        for (series, values) in &self.series {
            let series = series.replace("TARGET", target);
            let _ = writeln!(out, "  - series: '{series}'\n    values: '{values}'");
        }
        let _ = writeln!(out, "  promql_expr_test:");
        let expect = |out: &mut String, minute: u32, expr: &str, value: u8| {
            let samples = format!("[{{ labels: '{{}}', value: {value} }}]");
            let _ = writeln!(
                out,
                "  - expr: '{expr}'\n    eval_time: {minute}m\n    exp_samples: {samples}"
            );
        };
        let record = self.record;
        for minute in self.present {
            let expr = format!("sum(round({record} * 100))");
            expect(out, *minute, &expr, 90);
        }
        for minute in self.absent {
            expect(out, *minute, &format!("absent({record})"), 1);
        }
    }
}

fn cases() -> Vec<Case> {
    let steady = [HITS, MISSES, "100x80", "1x80"];
    let primary = [HITS, MISSES, "100x80", "0x80"];
    // Counters fall at the eighth minute.
    let (fewer_hits, fewer_misses) = ("0+90x31 0+90x48", "0+10x31 0+10x48");
    vec![
        redis("Redis at work", steady).records(&[5, 12], &[]),
        redis("Redis without traffic", ["70x80", "7x80", "100x80", "1x80"]).records(&[], &[5, 12]),
        redis("CONFIG RESETSTAT", [fewer_hits, fewer_misses, "100x80", "1x80"])
            .records(&[7, 14], &[9, 12]),
        redis("a restart of Redis", [fewer_hits, fewer_misses, "100x31 580x48", "1x80"])
            .records(&[7, 14], &[9, 12]),
        redis("a failover", [HITS, MISSES, "100x80", "0x31 1x48"]).records(&[14], &[7, 9, 12]),
        redis("a replica", [HITS, MISSES, "100x80", "0x80"]).records(&[], &[5, 12]),
        postgres("PostgreSQL at work", primary).records(&[5, 12], &[]),
        postgres("PostgreSQL without traffic", ["70x80", "7x80", "100x80", "0x80"])
            .records(&[], &[5, 12]),
        postgres("a reset of statistics", [fewer_hits, fewer_misses, "100x80", "0x80"])
            .with("cache_statistics_reset", "5x31 480x48")
            .records(&[7, 14], &[9, 12]),
        postgres("a restart of PostgreSQL", [HITS, MISSES, "100x31 580x48", "0x80"])
            .records(&[7, 14], &[9, 12]),
        postgres("a promoted standby", [HITS, MISSES, "100x80", "1x31 0x48"])
            .records(&[14], &[7, 9, 12]),
        postgres("a standby", [HITS, MISSES, "100x80", "1x80"]).records(&[], &[5, 12]),
        Case {
            name: "a table",
            record: TABLE,
            series: vec![
                ("cache_table_blocks_hit_total{TARGET,relname=\"t\",part=\"heap\"}", "0+40x80"),
                ("cache_table_blocks_hit_total{TARGET,relname=\"t\",part=\"index\"}", "0+50x80"),
                ("cache_table_blocks_read_total{TARGET,relname=\"t\",part=\"heap\"}", "0+10x80"),
                ("pg_postmaster_start_time_seconds{TARGET}", "100x31 580x48"),
                ("pg_replication_is_replica{TARGET}", "0x80"),
            ],
            present: &[7, 14],
            absent: &[9, 12],
        },
    ]
}

#[test]
fn ratios_are_absent_without_enough_traffic() {
    let folder = std::env::temp_dir().join(format!("pulso-hit-ratios-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let Rules { records, .. } = alerts::rules(&generic::PROFILE);
    let rules = Rules { records, groups: Vec::new() };
    let text = rule_file(&generic::PROFILE, &rules, &Urls::default(), Style::default());
    fs::write(folder.join("rules.yml"), text).unwrap();
    let mut tests = "rule_files: [rules.yml]\nevaluation_interval: 15s\ntests:\n".to_owned();
    for case in cases() {
        case.write(&mut tests);
    }
    fs::write(folder.join("test.yml"), tests).unwrap();
    let mut promtool = Command::new("promtool");
    promtool.args(["test", "rules", "test.yml"]).current_dir(&folder);
    let output = promtool.output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{text}");
}
