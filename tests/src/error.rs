//! Errors of the test stack.

use std::{fmt, io, path::PathBuf, process::ExitStatus, time::Duration};

/// An error of a server of the stack, with its fix where there is one.
#[derive(thiserror::Error)]
pub enum StackError {
    /// A program, package or server version that is not there.
    #[error("{what} is missing: {remedy}")]
    Missing {
        /// The missing program, package or version.
        what: String,
        /// The command that installs it.
        remedy: String,
    },
    /// A file, folder, port or process could not be handled.
    #[error("{doing}")]
    Io {
        /// The operation and its object.
        doing: String,
        source: io::Error,
    },
    /// The server ended before it was ready.
    #[error("{server} ended ({status}) before it was ready; the end of its log:\n{log}")]
    Died {
        server: String,
        status: ExitStatus,
        /// The last lines it wrote.
        log: String,
    },
    /// The server runs but does not become ready.
    #[error("{server} was not ready after {waited:?}; the end of its log:\n{log}")]
    NotReady {
        server: String,
        /// How long it was waited for.
        waited: Duration,
        /// The last lines it wrote.
        log: String,
    },
    /// A helper program ended with a failure.
    #[error("{program} failed ({status}):\n{output}")]
    Program {
        /// The program and its arguments.
        program: String,
        status: ExitStatus,
        /// Its standard output and standard error.
        output: String,
    },
    /// PostgreSQL refused a connection or a statement.
    #[error("{doing}")]
    Sql {
        /// The operation.
        doing: String,
        source: tokio_postgres::Error,
    },
    /// A request over HTTP had no answer.
    #[error("{doing}")]
    Http {
        /// The method and the address.
        doing: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A server gave an unexpected answer.
    #[error("{doing}: {answer}")]
    Answer {
        /// The request.
        doing: String,
        /// The answer as it came.
        answer: String,
    },
}

impl StackError {
    /// Wraps a system error with what was being done, for `map_err`.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    /// Wraps a database error with what was being done, for `map_err`.
    pub fn sql(doing: impl Into<String>) -> impl FnOnce(tokio_postgres::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Sql { doing, source }
    }

    /// A program that was not found.
    pub(crate) fn no_program(name: &str, places: &[PathBuf]) -> Self {
        let places: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        Self::Missing {
            what: format!("the program {name} (looked in {})", places.join(", ")),
            remedy: "run scripts/install".into(),
        }
    }
}

/// The whole chain, because `unwrap` in a test prints this and nothing else.
impl fmt::Debug for StackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
