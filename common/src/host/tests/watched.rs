//! File systems, processes and files.

use std::{
    fs,
    fs::File,
    time::{Duration, SystemTime},
};

use super::{Machine, collect};
use crate::{
    host::{FileSettings, Host, HostSettings, ProcessSettings},
    scrape::Reason,
};

#[tokio::test]
async fn file_systems_are_measured_from_the_mounted_root() {
    let machine = Machine::new();
    fs::create_dir_all(machine.0.join("my data")).unwrap();
    machine.write(
        "proc/1/mountinfo",
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
         28 27 254:1 / /my\\040data ro,relatime shared:1 - xfs /dev/vdb rw\n\
         29 27 254:1 /x /my\\040data/bound/again rw - xfs /dev/vdb rw\n\
         30 27 0:21 / /proc rw - proc proc rw\n\
         31 27 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
         32 27 0:99 / /gone rw - nfs4 server:/x rw\n",
    );

    let (out, result) = machine.collect().await;

    let error = result.expect_err("one file system is gone");
    assert_eq!((error.reason, error.hint.is_some()), (Reason::Unavailable, true));
    assert!(error.to_string().contains("/gone"), "{error}");
    let up = out.family("host_filesystem_up").unwrap();
    let seen: Vec<_> = up.samples.labels().map(|it| (it[0].as_ref(), it[1].as_ref())).collect();
    assert_eq!(seen, [("/", "ext4"), ("/gone", "nfs4"), ("/my data", "xfs")]);
    assert_eq!(out.value("host_filesystem_up", &["/gone", "nfs4"]), Some(0.0));
    assert_eq!(out.value("host_filesystem_size_bytes", &["/gone", "nfs4"]), None);
    assert_eq!(out.value("host_filesystem_readonly", &["/", "ext4"]), Some(0.0));
    assert_eq!(out.value("host_filesystem_readonly", &["/my data", "xfs"]), Some(1.0));
    let size = out.value("host_filesystem_size_bytes", &["/", "ext4"]).unwrap();
    let available = out.value("host_filesystem_available_bytes", &["/", "ext4"]).unwrap();
    assert!(0.0 < available && available <= size);
}

#[tokio::test]
async fn the_cpu_time_of_processes_only_grows() {
    let machine = Machine::new();
    machine.process(10, "nginx", "nginx: master", 100, 1);
    machine.process(11, "python3", "python3 worker.py", 50, 2);
    machine.process(12, "python3", "python3 web.py", 999, 3);
    let watch = |name: &str, pattern: &str| ProcessSettings {
        name: name.to_owned(),
        pattern: pattern.to_owned(),
    };
    let processes =
        vec![watch("nginx", "^nginx"), watch("worker", r"worker\.py"), watch("absent", "^no$")];
    let host = Host::new(&HostSettings { processes, ..machine.settings() }).unwrap().unwrap();
    let ticks = procfs::ticks_per_second() as f64;
    let page = procfs::page_size() as f64;

    let (out, result) = collect(&host).await;
    result.unwrap();
    assert_eq!(out.value("host_processes", &["nginx"]), Some(1.0));
    assert_eq!(out.value("host_processes", &["absent"]), Some(0.0));
    assert_eq!(out.value("host_process_resident_bytes", &["worker"]), Some(3.0 * page));
    assert_eq!(out.value("host_process_private_bytes", &["worker"]), Some(2.0 * page));
    assert_eq!(out.value("host_process_cpu_seconds_total", &["worker"]), Some(55.0 / ticks));

    // The worker goes on and a second one starts; nginx ends, and its id is another's now.
    machine.process(11, "python3", "python3 worker.py", 70, 2);
    machine.process(13, "python3", "python3 worker.py", 5, 9);
    machine.process(10, "nginx", "nginx: master", 1, 9);
    let (out, _) = collect(&host).await;
    assert_eq!(out.value("host_processes", &["worker"]), Some(2.0));
    assert_eq!(out.value("host_process_cpu_seconds_total", &["worker"]), Some(85.0 / ticks));
    assert_eq!(out.value("host_process_cpu_seconds_total", &["nginx"]), Some(111.0 / ticks));

    fs::remove_dir_all(machine.0.join("proc/11")).unwrap();
    let (out, _) = collect(&host).await;
    assert_eq!(out.value("host_process_cpu_seconds_total", &["worker"]), Some(85.0 / ticks));
}

#[tokio::test]
async fn the_newest_file_tells_whether_the_backup_was_made() {
    let machine = Machine::new();
    let hours_ago = |hours: u64| SystemTime::now() - Duration::from_secs(hours * 3600);
    for (file, hours, text) in
        [("old.dump", 30, "old"), ("new.dump", 2, "newest"), ("note.txt", 0, "")]
    {
        machine.write(&format!("backups/monday/{file}"), text);
        let file = File::options().write(true).open(machine.0.join("backups/monday").join(file));
        file.unwrap().set_modified(hours_ago(hours)).unwrap();
    }
    std::os::unix::fs::symlink("nowhere", machine.0.join("backups/monday/gone.dump")).unwrap();
    let watch =
        |name: &str, glob: &str| FileSettings { name: name.to_owned(), glob: glob.to_owned() };
    let files = vec![watch("backup", "/backups/**/*.dump"), watch("none", "/backups/*.sql")];
    let host = Host::new(&HostSettings { files, ..machine.settings() }).unwrap().unwrap();

    let (out, result) = collect(&host).await;

    result.unwrap();
    assert_eq!(out.value("host_files", &["backup"]), Some(2.0));
    assert_eq!(out.value("host_files_newest_bytes", &["backup"]), Some(6.0));
    let age = out.value("host_files_newest_age_seconds", &["backup"]).unwrap();
    assert!((7200.0..7260.0).contains(&age), "{age}");
    assert!(out.value("host_files_newest_timestamp_seconds", &["backup"]).unwrap() > 1.7e9);
    assert_eq!(out.value("host_files", &["none"]), Some(0.0));
    assert_eq!(out.value("host_files_newest_age_seconds", &["none"]), None);
}
