//! The password of a connection.

use std::path::PathBuf;

use crate::{
    scrape::Reason,
    settings::{Secret, SettingsError},
    source::connection::{blocking::read_files, error::SharedError},
};

#[derive(Debug, Default)]
pub(crate) enum Password {
    #[default]
    None,
    Value(Secret),
    /// A file, read at each connect.
    File(PathBuf),
}

impl Password {
    /// From the settings `password` and `password_file`.
    pub(crate) fn new(
        password: Option<Secret>,
        file: Option<PathBuf>,
    ) -> Result<Self, SettingsError> {
        match (password, file) {
            (Some(_), Some(_)) => {
                let problem = "is given together with `password`: keep one of the two";
                Err(SettingsError::at("password_file", problem))
            }
            (Some(password), None) => Ok(Self::Value(password)),
            (None, Some(file)) => Ok(Self::File(file)),
            (None, None) => Ok(Self::None),
        }
    }

    /// The current password, so that the file can change while the exporter runs.
    pub(crate) async fn read(&self) -> Result<Option<Secret>, SharedError> {
        let path = match self {
            Self::None => return Ok(None),
            Self::Value(password) => return Ok(Some(password.clone())),
            Self::File(path) => path.clone(),
        };
        read_files(move || {
            Secret::from_file("password_file", &path).map(Some).map_err(|error| {
                SharedError::new(Reason::Auth).with_source(error).with_hint(format!(
                    "`password_file` must be readable by the exporter: {}",
                    path.display()
                ))
            })
        })
        .await
    }
}
