//! The role that an exporter connects as, in what `check` prints.

use tokio::time::Instant;

use super::{Postgres, Privileges};
use crate::{
    process::check::{Report, TIMEOUT},
    scrape::CollectError,
};

/// What `check --grants` prints: SQL that makes the role where it is not there yet and gives it
/// its `rights`, in which `{role}` stands for it. `place` says where to run it.
pub async fn grants(postgres: Option<&Postgres>, place: &str, rights: &str) -> String {
    let role = role(postgres).await;
    let (made, rights) = (create_role(&role), rights.replace("{role}", &ident(&role)));
    format!("-- Run as a superuser, in {place}.\n{made}{rights}")
}

impl Report {
    /// Says which server it is and who asks. The role's name and what it may see, where the server
    /// tells.
    pub async fn role(&mut self, postgres: &Postgres) -> Option<(String, Privileges)> {
        match asked(postgres).await {
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

async fn asked(postgres: &Postgres) -> Result<(u32, String, Privileges), CollectError> {
    let session = postgres.session(Instant::now() + TIMEOUT).await?;
    let privileges = session.privileges().await?;
    Ok((session.server_version(), session.user().to_owned(), privileges))
}

/// A name as an identifier: quoted always, for it may be a keyword or have capitals.
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a literal, whatever `standard_conforming_strings` says.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        return format!(" E'{}'", quoted.replace('\\', "\\\\"));
    }
    format!("'{quoted}'")
}

/// Who the settings say that the exporter is: as the server knows it, or `pulso` where it cannot
/// say.
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

/// SQL that makes the role where it is not there yet.
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
