//! Mounted file systems: size, free space, inodes, read-only.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    sync::Arc,
};

use futures::future;
use procfs::process::MountInfo;
use regex::Regex;
use rustix::fs::{StatVfs, statvfs};
use tokio::time::Instant;

use super::{
    FILESYSTEM_AVAILABLE, FILESYSTEM_FREE, FILESYSTEM_INODES, FILESYSTEM_INODES_FREE,
    FILESYSTEM_READONLY, FILESYSTEM_SIZE, FILESYSTEM_UP, FilesystemLabels, MountSettings, Reading,
    blocking::Blocking,
    settings::{Roots, regex},
};
use crate::{
    scrape::{
        CollectError, Reason, Snapshot,
        label_limit::{FoldedLabels, LABELS_FOLDED, LabelLimit, OTHER},
    },
    settings::SettingsError,
};

/// The most mounts; a machine with more of them runs containers.
const MOUNTS: usize = 128;

/// Types without a size, and types that reading would mount.
const PSEUDO: [&str; 29] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fuse.gvfsd-fuse",
    "fuse.lxcfs",
    "fuse.portal",
    "fusectl",
    "hugetlbfs",
    "iso9660",
    "mqueue",
    "nfsd",
    "nsfs",
    "proc",
    "pstore",
    "ramfs",
    "rootfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "squashfs",
    "sysfs",
    "tracefs",
];

#[derive(Debug)]
pub(super) struct Mounts {
    include: Vec<Regex>,
    exclude: Vec<Regex>,
    limit: LabelLimit,
}

/// One file system, under the shortest of its mount points.
#[derive(Debug)]
struct Mount {
    point: String,
    kind: String,
    read_only: bool,
}

impl Mounts {
    pub(super) fn new(settings: &MountSettings) -> Result<Self, SettingsError> {
        let all = |key: &str, texts: &[String]| {
            let one =
                |(index, text): (usize, &String)| regex(&format!("mounts.{key}[{index}]"), text);
            texts.iter().enumerate().map(one).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            include: all("include", &settings.include)?,
            exclude: all("exclude", &settings.exclude)?,
            limit: LabelLimit::new(MOUNTS),
        })
    }

    /// Lists the mounts, then reads each file system on its own thread.
    pub(super) async fn read(
        &self,
        roots: &Arc<Roots>,
        blocking: &Blocking,
        until: Instant,
    ) -> Reading {
        let listed = {
            let roots = Arc::clone(roots);
            blocking.run("the list of mounts", until, move || list(&roots)).await
        };
        let mounts = match listed.flatten() {
            Ok(mounts) => self.choose(mounts),
            Err(error) => return Reading { samples: Snapshot::default(), result: Err(error) },
        };
        let answers = mounts.iter().map(|mount| async {
            let path = roots.of_host(&mount.point);
            let what = format!("the file system at {}", mount.point);
            blocking.run(what, until, move || statvfs(&path)).await
        });
        let answers = future::join_all(answers).await;
        Reading::of(|out| {
            let folded = self.limit.folded() as f64;
            out.counter(&LABELS_FOLDED, FoldedLabels { label: "mountpoint" }, folded);
            let write = |(mount, answer): (Mount, _)| mount.write(answer, out);
            // All are written; the first error is returned.
            mounts.into_iter().zip(answers).map(write).fold(Ok(()), Result::and)
        })
    }

    fn choose(&self, mounts: Vec<MountInfo>) -> Vec<Mount> {
        let mut by_device: BTreeMap<String, Mount> = BTreeMap::new();
        for info in mounts {
            let point = unescape(&info.mount_point.to_string_lossy());
            if PSEUDO.contains(&info.fs_type.as_str()) || !self.wants(&point) {
                continue;
            }
            let has = |options: &HashMap<String, _>| options.contains_key("ro");
            let read_only = has(&info.mount_options) || has(&info.super_options);
            let known = by_device.get(&info.majmin).is_some_and(|it| it.point.len() <= point.len());
            if !known {
                by_device.insert(info.majmin, Mount { point, kind: info.fs_type, read_only });
            }
        }
        let mut chosen: Vec<_> = by_device.into_values().collect();
        chosen.sort_by(|a, b| a.point.cmp(&b.point));
        chosen.retain(|it| self.limit.fold(&it.point) != OTHER);
        chosen
    }

    fn wants(&self, point: &str) -> bool {
        let any = |list: &[Regex]| list.iter().any(|it| it.is_match(point));
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }
}

impl Mount {
    fn write(
        self,
        answer: Result<rustix::io::Result<StatVfs>, CollectError>,
        out: &mut Snapshot,
    ) -> Result<(), CollectError> {
        let labels = FilesystemLabels { mountpoint: self.point, fstype: self.kind };
        let stat = match answer.and_then(|it| it.map_err(|error| refused(&labels, error))) {
            Ok(stat) if stat.f_blocks == 0 => return Ok(()),
            Ok(stat) => stat,
            Err(error) => {
                out.gauge(&FILESYSTEM_UP, labels, 0.0);
                return Err(error);
            }
        };
        let bytes = |blocks: u64| Some(blocks as f64 * stat.f_frsize as f64);
        let inodes = |count: u64| (stat.f_files > 0).then_some(count as f64);
        for (metric, value) in [
            (&FILESYSTEM_UP, Some(1.0)),
            (&FILESYSTEM_READONLY, Some(f64::from(self.read_only))),
            (&FILESYSTEM_SIZE, bytes(stat.f_blocks)),
            (&FILESYSTEM_FREE, bytes(stat.f_bfree)),
            (&FILESYSTEM_AVAILABLE, bytes(stat.f_bavail)),
            (&FILESYSTEM_INODES, inodes(stat.f_files)),
            (&FILESYSTEM_INODES_FREE, inodes(stat.f_ffree)),
        ] {
            out.gauge(metric, labels.clone(), value);
        }
        Ok(())
    }
}

fn refused(labels: &FilesystemLabels, error: rustix::io::Errno) -> CollectError {
    let reason = match error {
        rustix::io::Errno::ACCESS | rustix::io::Errno::PERM => Reason::Permission,
        _ => Reason::Unavailable,
    };
    let doing = format!("reading the size of the file system at {}", labels.mountpoint);
    CollectError::new(reason, doing).with_source(io::Error::from(error)).with_hint(
        "fix it, or exclude it with `host.mounts.exclude`; in a container, mount the host's root \
         and name it in `host.rootfs`",
    )
}

fn list(roots: &Roots) -> Result<Vec<MountInfo>, CollectError> {
    let file = roots.of_process("mountinfo");
    let bytes = fs::read(&file).map_err(|error| {
        CollectError::new(Reason::Missing, format!("listing the mounts in {}", file.display()))
            .with_source(error)
            .with_hint("name the folder where the host's /proc is in `host.procfs`")
    })?;
    // A mount point may be any bytes. One that is not UTF-8 is left out.
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().filter(|it| !it.contains(char::REPLACEMENT_CHARACTER));
    Ok(lines.filter_map(|it| MountInfo::from_line(it).ok()).collect())
}

/// The kernel writes blanks and backslashes in octal: `\040`.
fn unescape(point: &str) -> String {
    let mut parts = point.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(code) = part.get(..3).and_then(|it| u8::from_str_radix(it, 8).ok()) {
            plain.push(char::from(code));
            plain.push_str(&part[3..]);
        } else {
            plain.push('\\');
            plain.push_str(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_mount_points_are_decoded() {
        assert_eq!(unescape(r"/mnt/my\040disk\134\011x\12"), "/mnt/my disk\\\tx\\12");
    }

    #[test]
    fn the_default_excludes_mounts_of_container_runtimes() {
        let mounts = Mounts::new(&MountSettings::default()).unwrap();
        let chosen = ["/", "/data", "/run", "/var/lib/docker", "/etc", "/device"];
        let left_out =
            ["/dev/shm", "/proc", "/run/user/0", "/var/lib/docker/overlay2/x", "/etc/hosts"];

        assert_eq!(chosen.map(|it| mounts.wants(it)), [true; 6]);
        assert_eq!(left_out.map(|it| mounts.wants(it)), [false; 5]);
    }
}
