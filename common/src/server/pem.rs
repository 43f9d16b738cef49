//! Certificates and keys in PEM files, and what can be wrong with a key of `tls_server_config`.

use std::{fs, path::Path};

use rustls::pki_types::{CertificateDer, pem, pem::PemObject};

/// A wrong key of `tls_server_config`.
#[derive(Debug, thiserror::Error)]
#[error("`tls_server_config.{key}`: {problem}")]
pub(super) struct TlsError {
    key: &'static str,
    problem: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl TlsError {
    pub(super) fn at(key: &'static str, problem: impl Into<String>) -> Self {
        Self { key, problem: problem.into(), source: None }
    }

    pub(super) fn with_source(
        self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { source: Some(source.into()), ..self }
    }
}

/// The certificates of a PEM text; `key` names the setting in errors.
pub(super) fn certificates_of(
    key: &'static str,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates
        .map_err(|error| TlsError::at(key, "it is not valid PEM").with_source(error))?;
    if certificates.is_empty() {
        return Err(TlsError::at(key, "it has no PEM certificate"));
    }
    Ok(certificates)
}

/// Reads a file; `key` names the setting in errors.
pub(super) fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| unreadable(key, path, error))
}

pub(super) fn unreadable(key: &'static str, path: &Path, error: std::io::Error) -> TlsError {
    TlsError::at(key, format!("cannot read `{}`", path.display())).with_source(error)
}
