//! The section `[host]`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::settings::SettingsError;

/// What is read of the machine, and where it is found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostSettings {
    /// Whether anything is read at all.
    pub enabled: bool,
    /// Where the host's root is; in a container, where it is mounted.
    pub rootfs: PathBuf,
    /// Where the host's `/proc` is.
    pub procfs: PathBuf,
    /// Where the host's `/sys` is.
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
    /// A regular expression, looked for in the process's name and in its command line.
    pub pattern: String,
}

/// Files of which the newest is measured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// The value of the `files` label.
    pub name: String,
    /// Which files: `/var/backups/*.dump`; `**` stands for any depth of folders.
    pub glob: String,
}

/// Which mounts are read, by regular expressions on their mount points. What has no size (`/proc`
/// and the like) never is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MountSettings {
    /// Only these, if there are any.
    pub include: Vec<String>,
    /// And of them not these.
    pub exclude: Vec<String>,
}

impl Default for MountSettings {
    fn default() -> Self {
        let exclude = [
            "^/(dev|proc|sys|snap)($|/)",
            "^/run/.",
            // What a container runtime puts into each container, and what it holds of them.
            r"^/etc/(hosts|hostname|resolv\.conf)$",
            "^/var/lib/(containerd|containers|docker|kubelet)/.",
        ];
        Self { include: Vec::new(), exclude: exclude.map(str::to_owned).to_vec() }
    }
}

/// Where the host is found.
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

    /// A path of the host as this process reaches it.
    pub(super) fn of_host(&self, path: &str) -> PathBuf {
        self.rootfs.join(path.trim_start_matches('/'))
    }

    /// A file of the process whose view is the host's own: the first process's when the host is
    /// mounted elsewhere, else, or if that may not be read, this one's.
    pub(super) fn of_process(&self, file: &str) -> PathBuf {
        let first = self.procfs.join("1").join(file);
        let mounted = self.rootfs != Path::new("/");
        if mounted && first.exists() { first } else { self.procfs.join("self").join(file) }
    }
}

/// Reads a setting that is a regular expression.
pub(super) fn regex(key: &str, text: &str) -> Result<regex::Regex, SettingsError> {
    regex::Regex::new(text).map_err(|error| {
        SettingsError::at(key, "expected a regular expression, such as \"^postgres\"")
            .with_source(error)
    })
}

/// The first name that stands twice, or is empty, is an error.
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
