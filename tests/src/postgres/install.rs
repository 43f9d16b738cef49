//! The paths of PostgreSQL's programs: Debian's packages, or `scripts/fetch-postgres`.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    StackError,
    folder::publish,
    process::{open_to_all, output},
    user::User,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32);

/// Debian 12's.
impl Default for Version {
    fn default() -> Self {
        Self(15)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The versions that tests of version-dependent behaviour run on: those named in
/// `E2E_POSTGRES` (`13,15,18`), else Debian's.
pub fn versions() -> Vec<Version> {
    #[allow(clippy::disallowed_methods, reason = "a switch of the tests, not of an exporter")]
    let asked = env::var("E2E_POSTGRES").unwrap_or_default();
    let mut versions: Vec<_> =
        asked.split([',', ' ']).filter(|word| !word.is_empty()).map(parse).collect();
    if versions.is_empty() {
        versions.push(Version::default());
    }
    versions
}

fn parse(word: &str) -> Version {
    let number = word.parse().unwrap_or_else(|_| {
        panic!("E2E_POSTGRES is a list of major versions such as 13,15,18; {word:?} is none")
    });
    Version::new(number)
}

/// The folder with `bin/` of one version.
#[derive(Debug)]
pub(super) struct Install {
    home: PathBuf,
}

impl Install {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }

    /// The full version as the server reports it, such as `15.18`.
    pub(super) fn release(&self) -> Result<String, StackError> {
        let program = self.program("postgres");
        let answer = output(Command::new(&program).arg("--version"))?;
        let release = answer.split_ascii_whitespace().nth(2).map(str::to_owned);
        release.ok_or_else(|| StackError::Answer {
            doing: format!("asking {} for its version", program.display()),
            answer,
        })
    }
}

impl Version {
    /// A major version by its number.
    pub const fn new(major: u32) -> Self {
        Self(major)
    }

    /// The number, such as 15.
    pub const fn major(self) -> u32 {
        self.0
    }

    pub(super) fn install(self, user: Option<User>) -> Result<Install, StackError> {
        let system = PathBuf::from(format!("/usr/lib/postgresql/{self}"));
        let fetched = servers().join(format!("postgres-{self}"));
        if system.join("bin/postgres").is_file() {
            Ok(Install { home: system })
        } else if fetched.join("bin/postgres").is_file() {
            Ok(Install { home: reachable(&fetched, user)? })
        } else {
            Err(StackError::Missing {
                what: format!("PostgreSQL {self} ({} or {})", system.display(), fetched.display()),
                remedy: format!("run scripts/fetch-postgres {self}"),
            })
        }
    }
}

/// Where fetched servers and prepared data directories are kept.
pub(crate) fn servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/servers")
}

/// A checkout under root's home is closed to the unprivileged user; then the programs are copied to
/// the temporary folder, once for each release.
pub(crate) fn reachable(home: &Path, user: Option<User>) -> Result<PathBuf, StackError> {
    let home =
        home.canonicalize().map_err(StackError::io(format!("looking for {}", home.display())))?;
    if user.is_none() || open_to_all(&home) {
        return Ok(home);
    }
    let release = fs::read_to_string(home.join("release")).unwrap_or_default();
    let name = home.file_name().unwrap_or_default().to_string_lossy();
    let copy = env::temp_dir().join(format!("pulso-servers-{name}-{}", release.trim()));
    if !copy.is_dir() {
        publish(&home, &copy)?;
    }
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_version_names_the_install_command() {
        let error = Version::new(9).install(None).unwrap_err();
        assert!(format!("{error}").contains("scripts/fetch-postgres 9"), "{error}");
    }

    #[test]
    #[should_panic(expected = "\"fifteen\" is none")]
    fn a_wrong_switch_is_named() {
        parse("fifteen");
    }
}
