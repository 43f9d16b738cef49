//! The reason and the hint for each SQLSTATE.

use tokio_postgres::error::SqlState;

use crate::scrape::Reason;

/// The server and the role, for hints.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: String,
    pub(super) user: String,
    pub(super) pgbouncer: bool,
}

impl Peer {
    /// How to fix an error, where that is known.
    pub(super) fn hint(&self, code: &SqlState, reason: Reason, message: &str) -> Option<String> {
        let Self { user, address, .. } = self;
        Some(match *code {
            SqlState::PROTOCOL_VIOLATION if message.contains("startup parameter") => {
                "this is PgBouncer: set `pgbouncer = true`".to_owned()
            }
            SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT
                if self.pgbouncer =>
            {
                "through PgBouncer a query's columns must have built-in types: cast others, such \
                 as enums, to text"
                    .to_owned()
            }
            SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT => {
                "there is a pooler in front of the server: set `pgbouncer = true`".to_owned()
            }
            SqlState::READ_ONLY_SQL_TRANSACTION => {
                "an exporter only reads: remove what writes from the query".to_owned()
            }
            SqlState::UNDEFINED_DATABASE => {
                format!("create the database or correct `dbname`; the server is {address}")
            }
            SqlState::UNDEFINED_TABLE | SqlState::UNDEFINED_SCHEMA => {
                "check the name; a table that is not on the search_path needs its schema in front"
                    .to_owned()
            }
            SqlState::T_R_SERIALIZATION_FAILURE => {
                "a standby cancelled the query in order to replay the primary's changes: raise its \
                 max_standby_streaming_delay or switch hot_standby_feedback on"
                    .to_owned()
            }
            SqlState::QUERY_CANCELED => {
                "the statement ran longer than `statement_timeout`: see its plan with `check`"
                    .to_owned()
            }
            _ => match reason {
                Reason::Auth => self.password_hint(),
                Reason::Slots => format!(
                    "the server has no connection free for \"{user}\": raise max_connections, the \
                     role's or the pool's limit, or close idle connections"
                ),
                Reason::Permission => grant(message, user),
                Reason::Lock => {
                    "another transaction holds the lock; the next scrape tries again".to_owned()
                }
                _ => return None,
            },
        })
    }

    pub(super) fn password_hint(&self) -> String {
        format!(
            "check the password of \"{}\" (`password`, `password_file` or `url`) and the server's \
             pg_hba.conf",
            self.user
        )
    }
}

pub(super) fn reason(code: &SqlState, message: &str) -> Reason {
    match *code {
        // PgBouncer uses this code for most of its errors.
        SqlState::PROTOCOL_VIOLATION => match message {
            it if it.contains("no more connections allowed") => Reason::Slots,
            it if it.contains("query_wait_timeout") => Reason::Slots,
            it if it.contains("no such database") || it.contains("does not exist") => {
                Reason::Missing
            }
            it if it.contains("no such user") || it.contains("auth") => Reason::Auth,
            it if it.contains("query_timeout") => Reason::Timeout,
            it if it.contains("cannot connect") || it.contains("server") => Reason::Unavailable,
            _ => Reason::Connect,
        },
        SqlState::TOO_MANY_CONNECTIONS => Reason::Slots,
        SqlState::QUERY_CANCELED | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Reason::Timeout,
        SqlState::LOCK_NOT_AVAILABLE | SqlState::T_R_DEADLOCK_DETECTED => Reason::Lock,
        SqlState::INSUFFICIENT_PRIVILEGE => Reason::Permission,
        SqlState::DATABASE_DROPPED
        | SqlState::UNDEFINED_TABLE
        | SqlState::UNDEFINED_COLUMN
        | SqlState::UNDEFINED_OBJECT
        | SqlState::UNDEFINED_FUNCTION
        | SqlState::UNDEFINED_SCHEMA
        | SqlState::UNDEFINED_DATABASE
        // "must be loaded via shared_preload_libraries" and the like.
        | SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE => Reason::Missing,
        // A standby cancelled the query in order to replay the primary's changes.
        SqlState::T_R_SERIALIZATION_FAILURE => Reason::Unavailable,
        _ => class_reason(code),
    }
}

/// By the class, which is the first two characters.
fn class_reason(code: &SqlState) -> Reason {
    match code.code().get(..2).unwrap_or_default() {
        "08" => Reason::Connect,
        "28" => Reason::Auth,
        "53" | "57" | "58" => Reason::Unavailable,
        _ => Reason::Query,
    }
}

/// The `GRANT` that is missing, as far as the server's message says.
fn grant(message: &str, user: &str) -> String {
    let denied = message.strip_prefix("permission denied for ").unwrap_or_default();
    let Some((kind, name)) = denied.split_once(' ') else {
        return format!(
            "grant \"{user}\" the objects that the statement reads; `check --grants` prints the whole \
             role"
        );
    };
    let user = user.replace('"', "\"\"");
    let grant = match kind {
        "schema" => format!("GRANT USAGE ON SCHEMA {name} TO \"{user}\""),
        "function" => format!("GRANT EXECUTE ON FUNCTION {name} TO \"{user}\""),
        "sequence" => format!("GRANT SELECT ON SEQUENCE {name} TO \"{user}\""),
        "database" => format!("GRANT CONNECT ON DATABASE {name} TO \"{user}\""),
        _ => format!("GRANT SELECT ON {name} TO \"{user}\""),
    };
    format!("{grant}; `check --grants` prints the whole role")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> Peer {
        Peer { address: "db:5432/shop".into(), user: "pulso".into(), pgbouncer: false }
    }

    #[test]
    fn each_sqlstate_has_its_reason() {
        let cases = [
            ("28P01", Reason::Auth),
            ("28000", Reason::Auth),
            ("53300", Reason::Slots),
            ("53200", Reason::Unavailable),
            ("57P01", Reason::Unavailable),
            ("57P02", Reason::Unavailable),
            ("57P03", Reason::Unavailable),
            ("57P04", Reason::Missing),
            ("57014", Reason::Timeout),
            ("55P03", Reason::Lock),
            ("42501", Reason::Permission),
            ("42P01", Reason::Missing),
            ("42703", Reason::Missing),
            ("42883", Reason::Missing),
            ("3F000", Reason::Missing),
            ("3D000", Reason::Missing),
            ("08006", Reason::Connect),
            ("42601", Reason::Query),
            ("22012", Reason::Query),
            ("XX000", Reason::Query),
            ("", Reason::Query),
        ];
        for (code, expected) in cases {
            assert_eq!(reason(&SqlState::from_code(code), ""), expected, "{code}");
        }
    }

    #[test]
    fn messages_of_pgbouncer_have_their_reasons() {
        let cases = [
            ("no more connections allowed (max_client_conn)", Reason::Slots),
            ("query_wait_timeout", Reason::Slots),
            ("no such database: shop", Reason::Missing),
            ("no such user: pulso", Reason::Auth),
            ("password authentication failed", Reason::Auth),
            ("pgbouncer cannot connect to server", Reason::Unavailable),
            ("something else", Reason::Connect),
        ];
        for (message, expected) in cases {
            assert_eq!(reason(&SqlState::PROTOCOL_VIOLATION, message), expected, "{message}");
        }
    }

    #[test]
    fn the_hint_for_a_missing_privilege_is_its_grant() {
        let hint = |message| {
            peer().hint(&SqlState::INSUFFICIENT_PRIVILEGE, Reason::Permission, message).unwrap()
        };
        assert!(
            hint("permission denied for table jobs")
                .starts_with("GRANT SELECT ON jobs TO \"pulso\"; ")
        );
        assert!(
            hint("permission denied for schema app")
                .starts_with("GRANT USAGE ON SCHEMA app TO \"pulso\"; ")
        );
        assert!(hint("must be superuser").starts_with("grant \"pulso\" the objects"));
    }
}
