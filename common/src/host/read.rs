//! Small files of `/proc` and `/sys`, and their errors.

use std::{collections::HashMap, fs, path::Path};

use procfs::ProcError;

use crate::scrape::{CollectError, Reason};

/// The number that is the whole content of a file.
pub(super) fn number(file: &Path) -> Option<f64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Lines of a key and a number, as in `memory.stat`.
pub(super) fn table(file: &Path) -> HashMap<String, f64> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = |line: &str| {
        let (key, value) = line.split_once(' ')?;
        Some((key.to_owned(), value.trim().parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// The error of a file of `/proc` that cannot be read.
pub(super) fn failed(doing: &'static str, error: ProcError) -> CollectError {
    let (reason, hint) = match &error {
        ProcError::PermissionDenied(_) => {
            (Reason::Permission, "run the exporter as a user who may read it")
        }
        ProcError::NotFound(_) | ProcError::Io(..) => {
            (Reason::Missing, "name the folder where the host's /proc is in `host.procfs`")
        }
        _ => (Reason::Parse, "the kernel writes it in a form that this version does not know"),
    };
    CollectError::new(reason, doing).with_source(error).with_hint(hint)
}
