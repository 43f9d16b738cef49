//! The demo, as `make demo` runs it: it shows a page from its cause to its receiver, and goes.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

fn demo(args: &[&str]) -> Child {
    // Before the clock runs: on a fresh checkout this takes a minute.
    for exporter in profiles::suite::ALL {
        e2e::exporter::build(exporter.name).expect("the exporter builds");
    }
    Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the demo starts")
}

/// Reads lines until one holds `wanted`; the rest of what came is in the panic.
fn read_until(child: &mut Child, lines: &mut impl Iterator<Item = String>, wanted: &str) -> String {
    let deadline = Instant::now() + Duration::from_mins(2);
    let mut seen = String::new();
    for line in lines {
        seen += &line;
        seen.push('\n');
        if line.contains(wanted) {
            return seen;
        }
        assert!(Instant::now() < deadline, "no {wanted:?} in time in:\n{seen}");
    }
    let mut errors = String::new();
    let _ = child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut errors));
    panic!("no {wanted:?} before the end of:\n{seen}{errors}");
}

/// Folders carry the id of the process that made them, and servers run in their folders.
fn left_of(pid: u32) -> Vec<String> {
    let marker = format!("-{pid}-");
    let ours = |name: &str| name.starts_with("pulso-") && name.contains(&marker);
    let folders = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let folders = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = processes.filter_map(|entry| {
        let command = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&command).replace('\0', " "))
    });
    folders
        .filter(|name| ours(name))
        .chain(processes.filter(|command| command.contains("pulso-") && command.contains(&marker)))
        .collect()
}

#[test]
fn demo_shows_stalled_workers_and_cleans_up() {
    let mut child = demo(&["--scale", "60"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let start = read_until(&mut child, &mut lines, "PgBouncer       postgres://");
    for server in ["postgres-queue ", "pool-usage ", "Prometheus ", "Alertmanager ", "PostgreSQL "]
    {
        assert!(start.contains(server), "{start}");
    }
    read_until(&mut child, &mut lines, "webhook 0");
    assert!(!left_of(child.id()).is_empty(), "the test would not see what is left");

    let mut commands = child.stdin.take().unwrap();
    commands.write_all(b"dance\nstall\nburst email 150\n").unwrap();
    read_until(&mut child, &mut lines, "\"dance\" is none of the commands");
    read_until(&mut child, &mut lines, "150 email jobs were enqueued");
    read_until(&mut child, &mut lines, "QueueBackup pending");
    read_until(&mut child, &mut lines, "sent: critical: QueueBackup firing");
    commands.write_all(b"resume\nslow 0\ndemand 0\n").unwrap();
    read_until(&mut child, &mut lines, "sent: critical: QueueBackup resolved");

    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::TERM).unwrap();
    read_until(&mut child, &mut lines, "Stopped; nothing is left running.");
    assert!(child.wait().unwrap().success());
    assert_eq!(left_of(child.id()), Vec::<String>::new());
}

#[test]
fn once_prints_one_summary() {
    let child = demo(&["--once", "--plain"]);
    let pid = child.id();
    let done = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{text}{errors}");
    assert!(text.contains("waiting ") && text.contains("email "), "{text}{errors}");
    assert_eq!(left_of(pid), Vec::<String>::new());
}
