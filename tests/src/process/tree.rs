//! The processes below a process. PostgreSQL starts a session for each backend, so a process group
//! does not reach them.

use std::{
    collections::HashMap,
    fs,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal};

/// The process and all its descendants, parents before their children.
pub(super) fn of(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some(pid) = pid
            && let Some(Stat { parent, .. }) = stat(pid)
        {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next) {
        found.extend(children.remove(parent).unwrap_or_default());
        next += 1;
    }
    found
}

/// Sends a signal to each; those that have ended are ignored.
pub(super) fn signal(pids: &[u32], signal: Signal) {
    for pid in pids {
        let pid = i32::try_from(*pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

/// Waits until all have ended. A zombie counts as ended: its new parent may never reap it.
#[allow(clippy::disallowed_methods, reason = "called from Drop, which cannot await")]
pub(super) fn wait_gone(pids: &[u32], within: Duration) {
    let deadline = Instant::now() + within;
    while pids.iter().any(|pid| stat(*pid).is_some_and(|stat| !stat.ended))
        && Instant::now() < deadline
    {
        std::thread::sleep(Duration::from_millis(2));
    }
}

struct Stat {
    parent: u32,
    ended: bool,
}

fn stat(pid: u32) -> Option<Stat> {
    // "pid (name) state parent …", and the name may hold spaces and parentheses.
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let ended = matches!(fields.next()?, "Z" | "X");
    Some(Stat { parent: fields.next()?.parse().ok()?, ended })
}
