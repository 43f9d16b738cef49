//! Generated files: writing them, and comparing the committed ones with the definitions.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// One generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Relative to the folder of generated files.
    pub path: PathBuf,
    pub text: String,
}

impl Artifact {
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

/// Writes the files below `folder` and removes those that no definition writes any more.
pub fn write(folder: &Path, artifacts: &[Artifact]) -> io::Result<()> {
    for stale in stale_files(folder, artifacts)? {
        fs::remove_file(folder.join(stale))?;
    }
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        if fs::read_to_string(&path).ok().as_deref() != Some(&artifact.text) {
            fs::write(path, &artifact.text)?;
        }
    }
    Ok(())
}

/// How the files below `folder` differ from the definitions, a line each.
pub fn differences(folder: &Path, artifacts: &[Artifact]) -> io::Result<Vec<String>> {
    let mut found: Vec<String> = stale_files(folder, artifacts)?
        .iter()
        .map(|path| format!("{}: no definition writes this file", folder.join(path).display()))
        .collect();
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        match fs::read_to_string(&path) {
            Ok(text) if text == artifact.text => {}
            Ok(text) => {
                let line = first_difference(&text, &artifact.text);
                found.push(format!("{}: differs from line {line} on", path.display()));
            }
            Err(error) => found.push(format!("{}: {error}", path.display())),
        }
    }
    Ok(found)
}

/// # Panics
/// When a file below `folder` differs from its definition, is missing, or has none.
#[track_caller]
pub fn assert_current(folder: &Path, artifacts: &[Artifact]) {
    let found = differences(folder, artifacts).expect("the folder of generated files is readable");
    assert!(found.is_empty(), "run `cargo generate`; these differ:\n{}", found.join("\n"));
}

fn first_difference(old: &str, new: &str) -> usize {
    let same = old.lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
    same + 1
}

/// Files below `folder` that are not among `artifacts`.
fn stale_files(folder: &Path, artifacts: &[Artifact]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let entries = match fs::read_dir(&current) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            if artifacts.iter().all(|it| it.path != relative) {
                found.push(relative.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}
