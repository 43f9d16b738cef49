//! A server's temporary folder, and folders that several processes share.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{self, Command},
    thread,
};

use crate::{StackError, process::output, user::User};

/// A folder that is removed on drop, unless a test is panicking: then it is kept for inspection.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    owner: Option<User>,
}

impl Folder {
    /// Makes a folder for `server`, owned by the user that the server will run as.
    ///
    /// It is right under the temporary folder: a Unix socket's path has room for 107 bytes.
    pub(crate) fn new(server: &str, owner: Option<User>) -> Result<Self, StackError> {
        let id = process::id();
        for number in 0.. {
            let path = env::temp_dir().join(format!("pulso-{server}-{id}-{number}"));
            match fs::create_dir(&path) {
                Ok(()) => {
                    let folder = Self { path, owner };
                    folder.hand_over(&folder.path)?;
                    return Ok(folder);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(StackError::io(format!("making the folder {}", path.display()))(
                        error,
                    ));
                }
            }
        }
        unreachable!("numbers do not end")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file inside, with the right owner.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf, StackError> {
        let path = self.join(name);
        fs::write(&path, text)
            .map_err(StackError::io(format!("writing the file {}", path.display())))?;
        self.hand_over(&path)?;
        Ok(path)
    }

    pub(crate) fn hand_over(&self, path: &Path) -> Result<(), StackError> {
        match self.owner {
            Some(owner) => owner
                .own(path)
                .map_err(StackError::io(format!("changing the owner of {}", path.display()))),
            None => Ok(()),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("kept for inspection: {}", self.path.display());
        } else if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("could not remove {}: {error}", self.path.display());
        }
    }
}

/// Copies a folder to a path that other processes use, atomically.
pub(crate) fn publish(folder: &Path, place: &Path) -> Result<(), StackError> {
    let parent = place.parent().unwrap_or(place);
    fs::create_dir_all(parent)
        .map_err(StackError::io(format!("making the folder {}", parent.display())))?;
    let name = place.file_name().unwrap_or_default().display();
    let part = parent.join(format!(".{name}.{}", process::id()));
    output(Command::new("cp").arg("-a").arg(folder).arg(&part))?;
    let moved = fs::rename(&part, place);
    if moved.is_err() && place.is_dir() {
        // Another process was faster.
        let _ = fs::remove_dir_all(part);
        return Ok(());
    }
    moved.map_err(StackError::io(format!("moving {} to {}", part.display(), place.display())))
}
