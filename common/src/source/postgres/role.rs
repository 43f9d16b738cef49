//! The exporter's role in the output of `check`.

use tokio::time::Instant;

use super::{Postgres, Privileges};
use crate::{
    process::{Report, check::TIMEOUT},
    scrape::CollectError,
};

/// The output of `check --grants`: SQL that creates the role if it does not exist and grants it
/// `rights`, in which `{role}` is replaced by its name. `place` says where to run it.
pub async fn grants(postgres: Option<&Postgres>, place: &str, rights: &str) -> String {
    let role = role(postgres).await;
    let (made, rights) = (create_role(&role), rights.replace("{role}", &ident(&role)));
    format!("-- Run as a superuser, in {place}.\n{made}{rights}")
}

impl Report {
    /// Reports the server's version and the role. Returns the role and its privileges if they can
    /// be read.
    pub async fn role(&mut self, postgres: &Postgres) -> Option<(String, Privileges)> {
        match server_and_role(postgres).await {
            Ok((version, user, privileges)) => {
                let (major, minor) = (version / 10_000, version % 10_000);
                self.line(&format!("  PostgreSQL {major}.{minor}, as {user}"));
                Some((user, privileges))
            }
            Err(error) => {
                self.failure("privileges", &error);
                None
            }
        }
    }
}

async fn server_and_role(postgres: &Postgres) -> Result<(u32, String, Privileges), CollectError> {
    let session = postgres.session(Instant::now() + TIMEOUT).await?;
    let privileges = session.privileges().await?;
    Ok((session.server_version(), session.user().to_owned(), privileges))
}

/// A name as an identifier: always quoted, because it may be a keyword or have capitals.
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a literal, whatever the setting `standard_conforming_strings`.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        return format!(" E'{}'", quoted.replace('\\', "\\\\"));
    }
    format!("'{quoted}'")
}

/// The role of the connection, or `pulso` if there is no connection.
async fn role(postgres: Option<&Postgres>) -> String {
    let mut role = "pulso".to_owned();
    if let Some(postgres) = postgres {
        if let Ok(session) = postgres.session(Instant::now() + TIMEOUT).await {
            session.user().clone_into(&mut role);
        }
        postgres.close().await;
    }
    role
}

/// SQL that creates the role if it does not exist.
pub fn create_role(role: &str) -> String {
    let (name, text) = (ident(role), literal(role));
    format!(
        "-- Each of Pulso's exporters keeps one connection; the others let it be replaced.\n\
         DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {text}) THEN\n    \
         CREATE ROLE {name} LOGIN CONNECTION LIMIT 10;\n  END IF;\nEND $$;\n\
         -- Its password: \\password {name}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(ident(r#"a"; DROP"#), r#""a""; DROP""#);
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"\'"), r" E'\\'''");
        assert!(create_role("o'b").contains("rolname = 'o''b'"));
    }
}
