//! The host collector on made-up machines, and on the one that runs the test.

mod cgroups;
mod machine;
mod watched;

use std::{fs, path::Path};

use super::*;
use crate::scrape::Reason;
use machine::{Machine, collect};

#[tokio::test]
async fn values_of_the_kernel_are_in_base_units() {
    let machine = Machine::new();
    machine.write("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n");
    machine.write(
        "proc/pressure/io",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\n\
         full avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n",
    );

    let (out, result) = machine.collect().await;

    result.unwrap();
    let ticks = procfs::ticks_per_second() as f64;
    for (name, labels, expected) in [
        ("host_cpu_seconds_total", &["user"][..], 200.0 / ticks),
        ("host_cpu_seconds_total", &["steal"], 30.0 / ticks),
        ("host_cpus", &[], 2.0),
        ("host_boot_timestamp_seconds", &[], 1.7e9),
        ("host_load1", &[], 0.35),
        ("host_load15", &[], 2.0),
        ("host_memory_total_bytes", &[], 1_024_000.0),
        ("host_memory_available_bytes", &[], 409_600.0),
        ("host_swap_free_bytes", &[], 153_600.0),
        ("host_network_receive_bytes_total", &["eth0"], 1000.0),
        ("host_network_transmit_bytes_total", &["eth0"], 2000.0),
        ("host_network_receive_errors_total", &["eth0"], 1.0),
        ("host_network_receive_drops_total", &["eth0"], 2.0),
        ("host_network_transmit_errors_total", &["eth0"], 3.0),
        ("host_network_transmit_drops_total", &["eth0"], 4.0),
        ("host_pressure_waiting_seconds_total", &["cpu"], 1.5),
        ("host_pressure_waiting_seconds_total", &["io"], 2.0),
        ("host_pressure_stalled_seconds_total", &["io"], 0.5),
    ] {
        assert_eq!(out.value(name, labels), Some(expected), "{name} {labels:?}");
    }
    for (name, labels) in [
        ("host_pressure_waiting_seconds_total", "memory"),
        ("host_pressure_stalled_seconds_total", "cpu"),
        ("host_network_receive_bytes_total", "lo"),
        ("host_network_receive_bytes_total", "vethab"),
    ] {
        assert_eq!(out.value(name, &[labels]), None, "{name} {labels}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_hides_nothing_else() {
    let machine = Machine::new();
    fs::remove_file(machine.0.join("proc/loadavg")).unwrap();
    machine.write("proc/stat", "rubbish");

    let (out, result) = machine.collect().await;

    assert_eq!(result.expect_err("two files are bad").reason, Reason::Parse);
    assert_eq!(out.value("host_cpus", &[]), None);
    assert_eq!(out.value("host_load1", &[]), None);
    assert_eq!(out.value("host_memory_total_bytes", &[]), Some(1_024_000.0));
}

#[test]
fn bad_settings_are_named() {
    let process = |pattern: &str| ProcessSettings { name: "p".into(), pattern: pattern.into() };
    let file = |glob: &str| FileSettings { name: "f".into(), glob: glob.into() };
    let default = HostSettings::default;
    let cases = [
        (HostSettings { procfs: "proc".into(), ..default() }, "procfs"),
        (HostSettings { processes: vec![process("(")], ..default() }, "processes[0].pattern"),
        (
            HostSettings { processes: vec![process("a"), process("b")], ..default() },
            "processes[1].name",
        ),
        (HostSettings { files: vec![file("backups/*")], ..default() }, "files[0].glob"),
        (HostSettings { files: vec![file("/a/***")], ..default() }, "files[0].glob"),
        (
            HostSettings {
                mounts: MountSettings { include: vec!["[".into()], ..MountSettings::default() },
                ..default()
            },
            "mounts.include[0]",
        ),
    ];
    for (settings, key) in cases {
        let error = Host::new(&settings).expect_err(key);
        assert_eq!(error.key(), key);
    }
    assert!(Host::new(&default()).unwrap().is_none(), "off unless it is switched on");
}

#[tokio::test]
async fn this_machine_is_measured() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = HostSettings {
        enabled: true,
        processes: vec![ProcessSettings { name: "self".into(), pattern: "common".into() }],
        files: vec![FileSettings {
            name: "sources".into(),
            glob: own.join("src/**/*.rs").display().to_string(),
        }],
        ..HostSettings::default()
    };
    let host = Host::new(&settings).unwrap().unwrap();

    // A disk of this machine may be defective; the other metrics are still read.
    let (out, _) = collect(&host).await;

    for (name, labels) in [
        ("host_cpu_seconds_total", &["idle"][..]),
        ("host_cpus", &[]),
        ("host_memory_total_bytes", &[]),
        ("host_memory_available_bytes", &[]),
        ("host_boot_timestamp_seconds", &[]),
        ("host_processes", &["self"]),
        ("host_process_resident_bytes", &["self"]),
        ("host_files", &["sources"]),
        ("host_files_newest_bytes", &["sources"]),
    ] {
        let value = out.value(name, labels).unwrap_or_else(|| panic!("{name} is missing"));
        assert!(value > 0.0, "{name}: {value}");
    }
    assert!(out.family("host_info").is_some());
    let sizes = &out.family("host_filesystem_size_bytes").unwrap().samples;
    assert!(sizes.labels().any(|it| it[0] == "/"), "{sizes:?}");
}
