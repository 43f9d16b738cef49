//! What the driver and the server report, as a reason, a cause and a hint.

use std::{error::Error, fmt, io};

use redis::{ErrorKind, RedisError, ServerError};

use crate::{scrape::Reason, source::connection::error::Failure};

/// How much of a server's message is shown.
const MESSAGE_LIMIT: usize = 200;

/// What a command's refusal may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A command without secrets.
    Plain,
    /// `AUTH`: a server that does not know the command quotes its arguments.
    Login,
}

/// Sorts an error reply.
pub(super) fn of_server(error: &ServerError, asked: Asked) -> Failure {
    of_reply(error.code(), error.details().unwrap_or_default(), asked)
}

/// Sorts an error reply as it came, without the `-`: that of a server that turns clients away.
pub(super) fn of_line(line: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(line);
    let line = text.lines().next().unwrap_or_default();
    let (code, details) = line.split_once(' ').unwrap_or((line, ""));
    of_reply(code, details, Asked::Plain)
}

fn of_reply(code: &str, details: &str, asked: Asked) -> Failure {
    let (reason, hint) = sort(code, details, asked);
    let message = match asked {
        Asked::Plain => one_line(&format!("{code} {details}")),
        Asked::Login => one_line(code),
    };
    let failure = Failure::new(reason).with_source(Refusal(message));
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

fn sort(code: &str, details: &str, asked: Asked) -> (Reason, Option<&'static str>) {
    let text = details.to_ascii_lowercase();
    let has = |part: &str| text.contains(part);
    match code {
        "NOAUTH" => (Reason::Auth, Some("the server wants a password: set `password_file`")),
        "WRONGPASS" => (
            Reason::Auth,
            Some("check `username` and `password_file`, and that the user is on (ACL GETUSER)"),
        ),
        "DENIED" => (
            Reason::Auth,
            Some(
                "the server is in protected mode and takes only local clients: give it a password",
            ),
        ),
        "NOPERM" => (
            Reason::Permission,
            Some("`check --grants` prints the ACL rule with the fewest privileges that suffices"),
        ),
        "LOADING" => (Reason::Unavailable, Some("the server loads its data from disk")),
        "MASTERDOWN" => (
            Reason::Unavailable,
            Some("this replica has lost its primary and is told not to serve old data"),
        ),
        "BUSY" => (
            Reason::Unavailable,
            Some("a script holds the server: SCRIPT KILL or FUNCTION KILL ends it"),
        ),
        "CLUSTERDOWN" | "TRYAGAIN" => (Reason::Unavailable, None),
        _ if has("max number of clients") => {
            (Reason::Slots, Some("the server has no place left: see `maxclients`"))
        }
        _ if asked == Asked::Login && has("without any password configured") => (
            Reason::Auth,
            Some("the server's default user has no password: remove it from the settings"),
        ),
        _ if asked == Asked::Login => (
            Reason::Auth,
            Some(
                "the server did not take the login; its words are not shown, for they may quote it",
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

/// Sorts an error of the driver; `broken` is what a lost connection counts as.
pub(super) fn of_driver(error: RedisError, broken: Reason) -> Failure {
    let reason = match error.kind() {
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Reason::Parse,
        _ if error.is_timeout() => Reason::Timeout,
        _ => broken,
    };
    let failure = Failure::new(reason);
    if reason == Reason::Parse {
        // The driver's own text quotes what the server sent.
        return failure
            .with_source(Refusal("the answer is not Redis's protocol".to_owned()))
            .with_hint("check that a Redis or a Valkey listens there, and whether it wants TLS");
    }
    failure.with_source(error)
}

/// Sorts an error of the network while connecting.
pub(super) fn of_network(error: io::Error, address: &str) -> Failure {
    let inner = error.get_ref();
    if inner.and_then(|it| it.downcast_ref::<rustls::Error>()).is_some() {
        return Failure::new(Reason::Tls).with_source(error).with_hint(
            "check `tls_ca_cert`, that the server's certificate names this host in its \
             subjectAltName, and that the port is the one for TLS",
        );
    }
    Failure::new(Reason::Connect)
        .with_source(error)
        .with_hint(format!("check that a server listens on {address}"))
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|it| !it.is_control()).take(MESSAGE_LIMIT).collect()
}

/// What the server said, on one line.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_chain::ErrorChain;

    #[test]
    fn replies_have_their_reasons() {
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
            assert_eq!(of_line(line.as_bytes()).reason, reason, "{line}");
        }
    }

    #[test]
    fn a_login_that_the_server_quotes_is_not_shown() {
        let words = "unknown command 'AUTH', with args beginning with: 'hunter2'";
        let error = of_reply("ERR", words, Asked::Login).doing("connecting to cache");
        let shown = format!("{} {:?}", ErrorChain(&error), error.hint);
        assert_eq!(error.reason, Reason::Auth);
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_server_that_is_full_says_so_in_the_place_of_an_answer() {
        let full = of_reply("ERR", "max number of clients reached", Asked::Login);
        assert_eq!(full.reason, Reason::Slots);
    }
}
