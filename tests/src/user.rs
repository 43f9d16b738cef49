//! The user that servers run as: some refuse root, and none needs it.

use std::{fs, io, os::unix::fs::chown, path::Path};

use crate::StackError;

/// An unprivileged account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl User {
    /// The account for servers: `nobody` when this process is root, else none (they run as we do).
    pub(crate) fn unprivileged() -> Result<Option<Self>, StackError> {
        if rustix::process::getuid().is_root() { Self::named("nobody").map(Some) } else { Ok(None) }
    }

    fn named(name: &str) -> Result<Self, StackError> {
        let accounts = fs::read_to_string("/etc/passwd")
            .map_err(StackError::io("reading the accounts in /etc/passwd"))?;
        accounts.lines().find_map(|line| Self::parse(line, name)).ok_or_else(|| {
            StackError::Missing {
                what: format!("the account {name:?} in /etc/passwd"),
                remedy: "servers refuse root: add it, or run as another user".into(),
            }
        })
    }

    fn parse(line: &str, name: &str) -> Option<Self> {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let mut ids = fields.skip(1).map(str::parse);
        Some(Self { uid: ids.next()?.ok()?, gid: ids.next()?.ok()? })
    }

    /// Makes the account the owner of a file or folder.
    pub(crate) fn own(self, path: &Path) -> io::Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_account() {
        let line = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin";
        assert_eq!(User::parse(line, "nobody"), Some(User { uid: 65534, gid: 65533 }));
        assert_eq!(User::parse(line, "nobod"), None);
        assert_eq!(User::parse("nobody:x:ten:1", "nobody"), None);
    }
}
