//! Errors of the driver, the server and the network, as a reason, a cause and a hint.

use std::{error::Error, fmt, io};

use redis::{ErrorKind, RedisError, ServerError};

use crate::{
    scrape::Reason,
    source::connection::error::{SharedError, one_line},
};

/// How many characters of a server's message are shown.
const MESSAGE_LIMIT: usize = 200;

/// The part of a server's message that is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redaction {
    /// Nothing.
    None,
    /// All but the code: a server that does not know `AUTH` quotes its arguments.
    Auth,
}

pub(super) fn from_reply(error: &ServerError, redaction: Redaction) -> SharedError {
    classify(error.code(), error.details().unwrap_or_default(), redaction)
}

/// Classifies an error line without its `-`: that of a server that rejects a client.
pub(super) fn from_line(line: &[u8]) -> SharedError {
    let text = String::from_utf8_lossy(line);
    let line = text.lines().next().unwrap_or_default();
    let (code, details) = line.split_once(' ').unwrap_or((line, ""));
    classify(code, details, Redaction::None)
}

fn classify(code: &str, details: &str, redaction: Redaction) -> SharedError {
    let (reason, hint) = reason_and_hint(code, details, redaction);
    let message = match redaction {
        Redaction::None => one_line(&format!("{code} {details}")),
        Redaction::Auth => one_line(code),
    };
    let message = message.chars().take(MESSAGE_LIMIT).collect();
    SharedError::new(reason).with_source(Message(message)).with_known_hint(hint)
}

fn reason_and_hint(
    code: &str,
    details: &str,
    redaction: Redaction,
) -> (Reason, Option<&'static str>) {
    let text = details.to_ascii_lowercase();
    let has = |part: &str| text.contains(part);
    match code {
        "NOAUTH" => (Reason::Auth, Some("the server requires a password: set `password_file`")),
        "WRONGPASS" => (
            Reason::Auth,
            Some("check `username` and `password_file`, and that the user is on (ACL GETUSER)"),
        ),
        "DENIED" => (
            Reason::Auth,
            Some(
                "the server is in protected mode and accepts only local clients: give it a password",
            ),
        ),
        "NOPERM" => (
            Reason::Permission,
            Some("`check --grants` prints the ACL rule with the fewest privileges that suffices"),
        ),
        "LOADING" => (Reason::Unavailable, Some("the server is loading its data from disk")),
        "MASTERDOWN" => (
            Reason::Unavailable,
            Some("this replica has lost its primary and does not serve stale data"),
        ),
        "BUSY" => (
            Reason::Unavailable,
            Some("a script blocks the server: SCRIPT KILL or FUNCTION KILL ends it"),
        ),
        "CLUSTERDOWN" | "TRYAGAIN" => (Reason::Unavailable, None),
        _ if has("max number of clients") => {
            (Reason::Slots, Some("the server accepts no more clients: see `maxclients`"))
        }
        _ if redaction == Redaction::Auth && has("without any password configured") => (
            Reason::Auth,
            Some("the server's default user has no password: remove it from the settings"),
        ),
        _ if redaction == Redaction::Auth => (
            Reason::Auth,
            Some(
                "the server refused the login; its message is hidden, because it may quote the password",
            ),
        ),
        _ if has("unknown command")
            || has("unknown subcommand")
            || has("cluster support disabled") =>
        {
            (Reason::Missing, None)
        }
        _ => (Reason::Query, None),
    }
}

/// Classifies an error of the driver; `broken` is the reason of a lost connection.
pub(super) fn from_driver(error: RedisError, broken: Reason) -> SharedError {
    let reason = match error.kind() {
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Reason::Parse,
        _ if error.is_timeout() => Reason::Timeout,
        _ => broken,
    };
    let shared = SharedError::new(reason);
    if reason == Reason::Parse {
        // The driver's text is dropped, because it quotes what the server sent.
        return shared
            .with_source(Message("the answer is not in Redis's protocol".to_owned()))
            .with_hint(
                "check that the server is a Redis or a Valkey, and whether it requires TLS",
            );
    }
    shared.with_source(error)
}

/// Classifies an error of the network while connecting.
pub(super) fn from_network(error: io::Error, address: &str) -> SharedError {
    let inner = error.get_ref();
    if inner.and_then(|it| it.downcast_ref::<rustls::Error>()).is_some() {
        return SharedError::new(Reason::Tls).with_source(error).with_hint(
            "check `tls_ca_cert`, that the server's certificate names this host in its \
             subjectAltName, and that the port is the one for TLS",
        );
    }
    SharedError::new(Reason::Connect)
        .with_source(error)
        .with_hint(format!("check that a server listens on {address}"))
}

/// A message on one line.
#[derive(Debug)]
pub(super) struct Message(pub(super) String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Message {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_chain::ErrorChain;

    #[test]
    fn each_reply_has_its_reason() {
        let cases = [
            ("NOAUTH Authentication required.", Reason::Auth),
            ("WRONGPASS invalid username-password pair or user is disabled.", Reason::Auth),
            ("DENIED Redis is running in protected mode", Reason::Auth),
            ("NOPERM this user has no permissions to run the 'info' command", Reason::Permission),
            ("LOADING Redis is loading the dataset in memory", Reason::Unavailable),
            ("MASTERDOWN Link with MASTER is down", Reason::Unavailable),
            ("BUSY Redis is busy running a script.", Reason::Unavailable),
            ("ERR max number of clients reached", Reason::Slots),
            ("ERR max number of clients + cluster connections reached", Reason::Slots),
            ("ERR unknown command 'slowlog', with args beginning with: 'len'", Reason::Missing),
            (
                "ERR Unknown subcommand or wrong number of arguments for 'HISTOGRAM'.",
                Reason::Missing,
            ),
            ("ERR This instance has cluster support disabled", Reason::Missing),
            ("ERR syntax error", Reason::Query),
            ("", Reason::Query),
        ];
        for (line, reason) in cases {
            let line = format!("{line}\r\n+OK\r\n");
            assert_eq!(from_line(line.as_bytes()).reason, reason, "{line}");
        }
    }

    #[test]
    fn a_password_that_the_server_quotes_is_not_shown() {
        let words = "unknown command 'AUTH', with args beginning with: 'hunter2'";
        let error = classify("ERR", words, Redaction::Auth).doing("connecting to cache");
        let shown = format!("{} {:?}", ErrorChain(&error), error.hint);
        assert_eq!(error.reason, Reason::Auth);
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_full_server_rejects_the_login_with_its_reason() {
        let full = classify("ERR", "max number of clients reached", Redaction::Auth);
        assert_eq!(full.reason, Reason::Slots);
    }
}
