//! What the server's own codes mean to an exporter, and what mends it.

use crate::scrape::Reason;

/// Who talks to what, for the hints.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: String,
    pub(super) user: String,
    pub(super) pgbouncer: bool,
}

impl Peer {
    /// What would mend it, where that is known.
    pub(super) fn hint(&self, code: &str, reason: Reason, message: &str) -> Option<String> {
        let Self { user, address, .. } = self;
        Some(match code {
            "08P01" if message.contains("startup parameter") => {
                "this is PgBouncer: set `pgbouncer = true`".to_owned()
            }
            "26000" | "42P05" if self.pgbouncer => {
                "through PgBouncer a query's columns must have built-in types: cast others, such \
                 as enums, to text"
                    .to_owned()
            }
            "26000" | "42P05" => {
                "a pooler stands before the server: set `pgbouncer = true`".to_owned()
            }
            "25006" => "an exporter only reads: take what writes out of the query".to_owned(),
            "3D000" => format!("create the database or correct `dbname`; asked at {address}"),
            "42P01" | "3F000" => {
                "check the name and its schema; what is not on the search_path needs its schema \
                 before it"
                    .to_owned()
            }
            "40001" => "a standby cancelled the query in favour of what it replays: raise its \
                 max_standby_streaming_delay or switch hot_standby_feedback on"
                .to_owned(),
            "57014" => {
                "the statement ran longer than `statement_timeout`: see its plan with `check`"
                    .to_owned()
            }
            _ => match reason {
                Reason::Auth => self.password_hint(),
                Reason::Slots => format!(
                    "the server has no connection free for \"{user}\": raise max_connections, the \
                     role's or the pool's limit, or close what is idle"
                ),
                Reason::Permission => grant(message, user),
                Reason::Lock => "another transaction holds the lock; it is tried again at the \
                     next scrape"
                    .to_owned(),
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

/// The class of what the server reported.
pub(super) fn reason(code: &str, message: &str) -> Reason {
    match code {
        // PgBouncer has this one code for most of what it says.
        "08P01" => match message {
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
        "53300" => Reason::Slots,
        "57014" | "25P03" => Reason::Timeout,
        "55P03" | "40P01" => Reason::Lock,
        "42501" => Reason::Permission,
        // 55000: "must be loaded via shared_preload_libraries" and the like.
        "57P04" | "42P01" | "42703" | "42704" | "42883" | "3F000" | "3D000" | "55000" => {
            Reason::Missing
        }
        // A standby cancelled the query in favour of what it replays.
        "40001" => Reason::Unavailable,
        _ => match code.get(..2).unwrap_or_default() {
            "08" => Reason::Connect,
            "28" => Reason::Auth,
            "53" | "57" | "58" => Reason::Unavailable,
            _ => Reason::Query,
        },
    }
}

/// The statement that gives what was missing, as far as the server's words tell.
fn grant(message: &str, user: &str) -> String {
    let denied = message.strip_prefix("permission denied for ").unwrap_or_default();
    let Some((kind, name)) = denied.split_once(' ') else {
        return format!(
            "grant \"{user}\" what the statement reads; `check --grants` prints the whole role"
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
    fn each_state_has_its_reason() {
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
            assert_eq!(reason(code, ""), expected, "{code}");
        }
    }

    #[test]
    fn pgbouncer_is_told_by_its_words() {
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
            assert_eq!(reason("08P01", message), expected, "{message}");
        }
    }

    #[test]
    fn a_missing_privilege_hints_its_grant() {
        let hint = |message| peer().hint("42501", Reason::Permission, message).unwrap();
        assert!(
            hint("permission denied for table jobs")
                .starts_with("GRANT SELECT ON jobs TO \"pulso\"; ")
        );
        assert!(
            hint("permission denied for schema app")
                .starts_with("GRANT USAGE ON SCHEMA app TO \"pulso\"; ")
        );
        assert!(hint("must be superuser").starts_with("grant \"pulso\" what"));
    }
}
