//! The section `[host]`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::settings::SettingsError;

/// Which metrics of the machine are read, and from which folders.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostSettings {
    /// Whether the machine is read at all.
    pub enabled: bool,
    /// The host's root; in a container, the folder where it is mounted.
    pub rootfs: PathBuf,
    /// The host's `/proc`.
    pub procfs: PathBuf,
    /// The host's `/sys`.
    pub sysfs: PathBuf,
    /// Processes to watch.
    pub processes: Vec<ProcessSettings>,
    /// Files to watch, such as backups.
    pub files: Vec<FileSettings>,
    /// Which mounts are read.
    pub mounts: MountSettings,
}

impl Default for HostSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            rootfs: PathBuf::from("/"),
            procfs: PathBuf::from("/proc"),
            sysfs: PathBuf::from("/sys"),
            processes: Vec::new(),
            files: Vec::new(),
            mounts: MountSettings::default(),
        }
    }
}

/// Processes that are measured together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessSettings {
    /// The value of the `process` label.
    pub name: String,
    /// A regular expression that the process's name or command line matches anywhere.
    pub pattern: String,
}

/// Files whose newest is measured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// The value of the `files` label.
    pub name: String,
    /// The files: `/var/backups/*.dump`; `**` matches any depth of folders.
    pub glob: String,
}

/// Which mounts are read, by regular expressions on their mount points. Mounts without a size,
/// such as `/proc`, are never read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MountSettings {
    /// Only these, unless empty.
    pub include: Vec<String>,
    /// Not these.
    pub exclude: Vec<String>,
}

impl Default for MountSettings {
    fn default() -> Self {
        let exclude = [
            "^/(dev|proc|sys|snap)($|/)",
            "^/run/.",
            // Mounts of container runtimes: inside each container, and of each on the host.
            r"^/etc/(hosts|hostname|resolv\.conf)$",
            "^/var/lib/(containerd|containers|docker|kubelet)/.",
        ];
        Self { include: Vec::new(), exclude: exclude.map(str::to_owned).to_vec() }
    }
}

/// The folders that the host is read from.
#[derive(Debug)]
pub(super) struct Roots {
    pub(super) rootfs: PathBuf,
    pub(super) procfs: PathBuf,
    pub(super) sysfs: PathBuf,
}

impl Roots {
    pub(super) fn new(settings: &HostSettings) -> Result<Self, SettingsError> {
        let absolute = |key: &str, path: &Path| {
            let problem = "expected an absolute path, such as \"/host\"";
            path.is_absolute()
                .then(|| path.to_owned())
                .ok_or_else(|| SettingsError::at(key, problem))
        };
        Ok(Self {
            rootfs: absolute("rootfs", &settings.rootfs)?,
            procfs: absolute("procfs", &settings.procfs)?,
            sysfs: absolute("sysfs", &settings.sysfs)?,
        })
    }

    /// A path of the host below the mounted root.
    pub(super) fn of_host(&self, path: &str) -> PathBuf {
        self.rootfs.join(path.trim_start_matches('/'))
    }

    /// A file of a process that sees the host's mounts and network: process 1 if the host's root
    /// is mounted and the file can be read, else this process.
    pub(super) fn of_process(&self, file: &str) -> PathBuf {
        let first = self.procfs.join("1").join(file);
        let mounted = self.rootfs != Path::new("/");
        if mounted && first.exists() { first } else { self.procfs.join("self").join(file) }
    }
}

/// Parses a setting that is a regular expression.
pub(super) fn regex(key: &str, text: &str) -> Result<regex::Regex, SettingsError> {
    regex::Regex::new(text).map_err(|error| {
        SettingsError::at(key, "expected a regular expression, such as \"^postgres\"")
            .with_source(error)
    })
}

/// Refuses empty and duplicate names.
pub(super) fn distinct<'a>(
    key: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), SettingsError> {
    let mut seen = std::collections::BTreeSet::new();
    for (index, name) in names.enumerate() {
        if name.is_empty() || !seen.insert(name) {
            let key = format!("{key}[{index}].name");
            return Err(SettingsError::at(key, "expected a name that no other entry has"));
        }
    }
    Ok(())
}
