//! Connection strings in libpq's two forms.
//!
//! The driver parses most of it. Options that it does not know (verified TLS) are taken out first.
//! No error quotes any part of the string, because in a malformed string a password may be anywhere.

use std::path::PathBuf;

use tokio_postgres::Config;

use super::settings::SslMode;
use crate::percent;

/// A parsed connection string.
#[derive(Debug, Default)]
pub(super) struct Dsn {
    pub(super) config: Config,
    pub(super) sslmode: Option<SslMode>,
    pub(super) ssl_root_cert: Option<PathBuf>,
    pub(super) ssl_cert: Option<PathBuf>,
    pub(super) ssl_key: Option<PathBuf>,
    pub(super) pgbouncer: Option<bool>,
}

/// Options of libpq that Pulso does not support. An error may name them: they are no secrets.
const UNSUPPORTED: &[&str] = &[
    "service",
    "passfile",
    "requirepeer",
    "sslcrl",
    "sslcrldir",
    "sslpassword",
    "gssencmode",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "sslcertmode",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "sslcompression",
    "sslsni",
    "replication",
    "client_encoding",
    "fallback_application_name",
    "require_auth",
    "schema",
    "connection_limit",
    "pool_timeout",
];

const FORM: &str = "is not a PostgreSQL connection string: write \
    postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require, with %XX for special characters, \
    or host=HOST port=PORT user=USER dbname=DATABASE";

/// Parses a connection string. The error describes the problem without quoting the string.
pub(super) fn parse(text: &str) -> Result<Dsn, String> {
    let mut dsn = Dsn::default();
    let text = text.trim();
    let rest = if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        dsn.take_from_url(text)?
    } else {
        dsn.take_from_pairs(text)?
    };
    // The driver's error is dropped, because it quotes keys and characters.
    dsn.config = rest.parse().map_err(|_| FORM.to_owned())?;
    Ok(dsn)
}

impl Dsn {
    /// Takes Pulso's own options out of a URL's query.
    fn take_from_url(&mut self, url: &str) -> Result<String, String> {
        // A `?` before the `@` belongs to the password.
        let authority = url.find('@').unwrap_or(0);
        let question = url[authority..].find('?').map(|it| authority + it);
        let base = &url[..question.unwrap_or(url.len())];
        // The driver would take the end of such a password for the host, which messages show.
        if base.matches('@').count() > 1 {
            return Err("has more than one `@`: write %40 for one in the password".to_owned());
        }
        let Some(query) = question.map(|it| &url[it + 1..]) else { return Ok(url.to_owned()) };
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|it| !it.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or(FORM)?;
            let value = percent::decode(value).ok_or(FORM)?;
            if !self.take(key, &value)? {
                kept.push(pair);
            }
        }
        let separator = if kept.is_empty() { "" } else { "?" };
        Ok(format!("{base}{separator}{}", kept.join("&")))
    }

    /// Takes Pulso's own options out of `key=value` pairs.
    fn take_from_pairs(&mut self, text: &str) -> Result<String, String> {
        let mut kept = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (key, value, after) = next_pair(rest).ok_or(FORM)?;
            if !self.take(key, &value)? {
                let value = value.replace('\\', "\\\\").replace('\'', "\\'");
                kept.extend([key, "='", &value, "' "]);
            }
            rest = after.trim_start();
        }
        Ok(kept)
    }

    /// Takes an option if it is one of Pulso's own; returns whether it is.
    fn take(&mut self, key: &str, value: &str) -> Result<bool, String> {
        let file = || Some(PathBuf::from(value));
        match key {
            "sslmode" => {
                let mode = SslMode::ALL.into_iter().find(|it| it.as_str() == value);
                self.sslmode = Some(mode.ok_or_else(|| {
                    let allowed = SslMode::ALL.map(SslMode::as_str).join(", ");
                    format!("holds an unknown `sslmode`; allowed are {allowed}")
                })?);
            }
            "sslrootcert" => self.ssl_root_cert = file(),
            "sslcert" => self.ssl_cert = file(),
            "sslkey" => self.ssl_key = file(),
            "pgbouncer" => {
                self.pgbouncer =
                    Some(value.parse().map_err(|_| "holds `pgbouncer`: true or false")?);
            }
            "target_session_attrs" if value != "any" => {
                let problem = "holds `target_session_attrs`, which cannot choose a server for a \
                    session that is always read-only: name the one server";
                return Err(problem.to_owned());
            }
            _ if UNSUPPORTED.contains(&key) => {
                return Err(format!("holds the option `{key}`, which is not supported: remove it"));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The first `key = value` of the text, and what comes after it.
fn next_pair(text: &str) -> Option<(&str, String, &str)> {
    let (key, rest) = text.split_once('=')?;
    let rest = rest.trim_start();
    let mut value = String::new();
    let quoted = rest.starts_with('\'');
    let mut chars = rest.char_indices().skip(usize::from(quoted));
    let mut end = rest.len();
    let mut closed = !quoted;
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => value.extend(chars.next().map(|(_, it)| it)),
            '\'' if quoted => {
                (end, closed) = (at + 1, true);
                break;
            }
            _ if char.is_whitespace() && !quoted => {
                end = at;
                break;
            }
            _ => value.push(char),
        }
    }
    closed.then(|| (key.trim(), value, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio_postgres::config::Host;

    use super::*;

    #[test]
    fn a_url_with_verified_tls() {
        let dsn = parse(
            "postgresql://app:p%40ss@db.example.org:6432/shop?sslmode=verify-full&\
             sslrootcert=%2Fetc%2Fca.pem&connect_timeout=7&pgbouncer=true",
        )
        .unwrap();
        assert_eq!(dsn.config.get_user(), Some("app"));
        assert_eq!(dsn.config.get_password(), Some(&b"p@ss"[..]));
        assert_eq!(dsn.config.get_dbname(), Some("shop"));
        assert_eq!(dsn.config.get_ports(), [6432]);
        assert_eq!(dsn.config.get_connect_timeout().unwrap().as_secs(), 7);
        assert_eq!(dsn.sslmode, Some(SslMode::VerifyFull));
        assert_eq!(dsn.ssl_root_cert.as_deref(), Some(Path::new("/etc/ca.pem")));
        assert_eq!(dsn.pgbouncer, Some(true));
    }

    #[test]
    fn pairs_with_quotes_and_spaces() {
        let dsn = parse(
            r"host = /run/postgresql  user='an app' password='it\'s \\ = secret' sslmode=disable",
        )
        .unwrap();
        assert_eq!(dsn.config.get_hosts(), [Host::Unix("/run/postgresql".into())]);
        assert_eq!(dsn.config.get_user(), Some("an app"));
        assert_eq!(dsn.config.get_password(), Some(&br"it's \ = secret"[..]));
        assert_eq!(dsn.sslmode, Some(SslMode::Disable));
    }

    #[test]
    fn a_question_mark_in_the_password_is_not_the_query() {
        let dsn = parse("postgres://u:a?b=c@h/d?sslmode=require").unwrap();
        assert_eq!(dsn.config.get_password(), Some(&b"a?b=c"[..]));
        assert_eq!(dsn.sslmode, Some(SslMode::Require));
    }

    #[test]
    fn no_error_quotes_the_string() {
        let malformed = [
            "hunter2",
            "postgres://u:hunter2@h:port/d",
            "postgres://u:hun@hunter2@h/d",
            "postgres://u:hun@a/hunter2@h/d?sslmode=require",
            "postgres://u:hun@?hunter2@h/d",
            "postgres://u:hunter2@h/d?hunter2",
            "postgres://u:hunter2@h/d?sslmode=hunter2",
            "postgres://u:hunter2@h/d?sslrootcert=%zz",
            "postgres://u:hunter2@h/d?hunter2=1",
            "host=h password='hunter2",
            "host=h password=is hunter2=1",
            "mysql://u:hunter2@h/d",
        ];
        for text in malformed {
            let problem = parse(text).expect_err(text);
            assert!(!problem.contains("hunter2"), "{text}: {problem}");
        }
        let problem = parse("host=h password=hunter2 service=x").unwrap_err();
        assert!(problem.contains("`service`"), "{problem}");
        let problem = parse("postgres://a,b/d?target_session_attrs=read-write").unwrap_err();
        assert!(problem.contains("`target_session_attrs`"), "{problem}");
    }
}
