//! The role that an exporter connects as, in the SQL that `check --grants` prints.

use tokio::time::Instant;

use super::Postgres;

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
pub async fn role(postgres: Option<&Postgres>, deadline: Instant) -> String {
    let mut role = "pulso".to_owned();
    if let Some(postgres) = postgres {
        if let Ok(session) = postgres.session(deadline).await {
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
