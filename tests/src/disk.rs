//! A small disk that a test can fill: a file system in memory.

use std::{fs, path::Path, process::Command};

use crate::{StackError, folder::Folder, process::output};

/// A mounted disk; only root may mount one.
#[derive(Debug)]
pub struct Disk {
    folder: Folder,
    bytes: usize,
}

impl Disk {
    /// Mounts an empty one.
    pub fn mount(megabytes: usize) -> Result<Self, StackError> {
        if !rustix::process::getuid().is_root() {
            return Err(StackError::Missing {
                what: "the right to mount a disk".into(),
                remedy: "run this test as root".into(),
            });
        }
        let folder = Folder::new("disk", None)?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "pulso"]);
        output(mount.arg(folder.path()))?;
        Ok(Self { folder, bytes: megabytes << 20 })
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills this percentage of it with one file.
    pub fn fill(&self, percent: usize) -> Result<(), StackError> {
        let path = self.folder.join("filler");
        fs::write(&path, vec![0; self.bytes / 100 * percent])
            .map_err(StackError::io(format!("writing {}", path.display())))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Open files in it must not prevent the unmount.
        if let Err(error) = output(Command::new("umount").arg("--lazy").arg(self.folder.path())) {
            eprintln!("could not unmount {}: {error}", self.folder.path().display());
        }
    }
}
