//! Where a server listens.

use std::{fmt, path::PathBuf};

/// Redis's own port.
const PORT: u16 = 6379;

/// The form of a URL, for errors.
pub(super) const FORM: &str = "is not the address of a Redis: write redis://USER:PASSWORD@HOST:PORT, \
    with rediss:// for TLS, %XX for special characters, or unix:///PATH";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Tcp(String, u16),
    Unix(PathBuf),
}

impl Address {
    pub(super) fn tcp(host: &str, port: Option<u16>) -> Self {
        Self::Tcp(host.to_owned(), port.unwrap_or(PORT))
    }

    /// Parses `host`, `host:port` or `[::1]:port`. The error does not quote the text.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => rest.split_once(']').ok_or(FORM)?,
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => Some(port.parse().map_err(|_| "has an invalid port")?),
            None if port.is_empty() => None,
            None => return Err(FORM),
        };
        let plain =
            |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_' | ':' | '%');
        if host.is_empty() || !host.chars().all(plain) {
            return Err(FORM);
        }
        Ok(Self::tcp(host, port))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}
