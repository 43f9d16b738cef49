//! Measuring exporters side by side: the same machine, the same database, one run.
//!
//! Machines are noisy, so only the ratio between two columns of one table is comparable.

mod client;
mod contender;
mod database;
mod peers;
mod report;
mod text;

pub use client::Connection;
pub use contender::{Contender, Scrapes};
pub use report::{Report, Row, Verdict};

pub mod cache;
pub mod pool;
pub mod queue;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::StackError;

/// Builds an exporter in release mode, and returns the path of its binary.
pub fn release_binary(name: &str) -> Result<PathBuf, StackError> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let status = crate::exporter::cargo()
        .args(["build", "--release", "--locked", "--package", name])
        .status()
        .map_err(StackError::io("running cargo"))?;
    if !status.success() {
        let doing = format!("building {name}");
        return Err(StackError::Answer { doing, answer: status.to_string() });
    }
    Ok(workspace.join("target/release").join(name))
}

/// The version that a Prometheus exporter reports.
pub(crate) fn version(program: &Path) -> Result<String, StackError> {
    let output = Command::new(program).arg("--version").output().map_err(StackError::io(
        format!("asking {} for its version; `make bench` installs it", program.display()),
    ))?;
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let version = text.split("version ").nth(1).and_then(|it| it.split([' ', ',', '+']).next());
    Ok(version.unwrap_or("of unknown version").to_owned())
}
