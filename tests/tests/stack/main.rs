//! The fixtures themselves: they start, they can be hurt, and they leave nothing behind.

mod databases;
mod end;
mod exporter;
mod monitoring;

use std::fs;

use e2e::{SOON, Server};

fn alive(pid: u32) -> bool {
    // A zombie is dead; its new parent may be slow to reap it.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// Drops a server and sees that neither a process nor its folder is left.
fn leaves_nothing<S: Server>(server: S) {
    let pids = server.process().pids();
    assert!(alive(pids[0]), "the server does not run at all");
    let folder = fs::read_link(format!("/proc/{}/cwd", pids[0])).expect("it runs");
    let folder = folder.ancestors().find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pulso-"))
    });
    let folder = folder.expect("a server runs in its folder").to_owned();
    assert!(folder.is_dir());
    drop(server);
    assert!(!folder.exists(), "{} is left", folder.display());
    let left: Vec<_> = pids.into_iter().filter(|pid| alive(*pid)).collect();
    assert!(left.is_empty(), "processes {left:?} are left");
}
