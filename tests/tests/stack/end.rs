//! Processes and folders after a killed test.

use std::{fs, path::Path, time::Duration};

use e2e::{Redis, Server};
use tokio::time::sleep;

use crate::{SOON, alive};

#[test]
fn killed_test_leaves_no_server() {
    // A second process of this very binary starts a server, says where, and is killed.
    let exe = std::env::current_exe().unwrap();
    let mut child = std::process::Command::new(exe)
        .args(["--exact", "end::hold_a_server", "--nocapture", "--ignored"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let held = lines.map_while(Result::ok).find_map(|line| {
        let (_, held) = line.split_once("holding ")?;
        let (pid, folder) = held.split_once(' ')?;
        Some((pid.parse::<u32>().ok()?, folder.to_owned()))
    });
    let (pid, folder) = held.expect("it says what it holds");
    assert!(alive(pid));
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = std::time::Instant::now() + SOON;
    while alive(pid) {
        assert!(std::time::Instant::now() < deadline, "process {pid} is still running");
        std::thread::yield_now();
    }
    // Nobody was left to remove the folder.
    fs::remove_dir_all(Path::new(&folder)).unwrap();
}

#[tokio::test]
#[ignore = "the second process of killed_test_leaves_no_server"]
async fn hold_a_server() {
    let server = Redis::start().await.unwrap();
    let pid = server.process().pid();
    println!("holding {pid} {}", fs::read_link(format!("/proc/{pid}/cwd")).unwrap().display());
    sleep(Duration::from_mins(1)).await;
}
