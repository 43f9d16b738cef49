//! Certificates of a TLS connection: the CAs that are trusted, and the client's own certificate.

use std::path::{Path, PathBuf};

use rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WantsClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
};

use crate::{scrape::Reason, settings::SettingsError, source::connection::error::SharedError};

/// The CAs in the file `ca`, which `setting` names, or the system's CAs.
pub(crate) fn roots(ca: Option<&Path>, setting: &str) -> Result<RootCertStore, SharedError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca else {
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
        if roots.is_empty() {
            let error = SharedError::new(Reason::Tls).with_hint(format!(
                "the system has no CA certificates: install ca-certificates or name the server's \
                 CA in `{setting}`"
            ));
            return Err(match system.errors.into_iter().next() {
                Some(cause) => error.with_source(cause),
                None => error,
            });
        }
        return Ok(roots);
    };
    let hint = || {
        format!(
            "`{setting}` must be a PEM file with the CA's certificate that the exporter may read: \
             {}",
            path.display()
        )
    };
    let certs = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| tls_error(error).with_hint(hint()))?;
    for cert in certs {
        roots.add(cert).map_err(|error| tls_error(error).with_hint(hint()))?;
    }
    if roots.is_empty() {
        return Err(SharedError::new(Reason::Tls).with_hint(hint()));
    }
    Ok(roots)
}

/// A client certificate and its key, each a PEM file.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    cert: PemFile,
    key: PemFile,
}

/// A file, and the setting that names it.
#[derive(Clone, Debug)]
struct PemFile {
    setting: &'static str,
    path: PathBuf,
}

impl Identity {
    /// From two settings, of which both or neither must be given.
    pub(crate) fn new(
        (cert_setting, cert): (&'static str, Option<PathBuf>),
        (key_setting, key): (&'static str, Option<PathBuf>),
    ) -> Result<Option<Self>, SettingsError> {
        match (cert, key) {
            (Some(cert), Some(key)) => Ok(Some(Self {
                cert: PemFile { setting: cert_setting, path: cert },
                key: PemFile { setting: key_setting, path: key },
            })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                let problem = format!("is missing: `{cert_setting}` needs its key");
                Err(SettingsError::at(key_setting, problem))
            }
            (None, Some(_)) => {
                let problem = format!("is missing: `{key_setting}` needs its certificate");
                Err(SettingsError::at(cert_setting, problem))
            }
        }
    }
}

/// Completes a configuration with the client certificate, if there is one.
pub(crate) fn with_identity(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    identity: Option<&Identity>,
) -> Result<ClientConfig, SharedError> {
    let Some(Identity { cert, key }) = identity else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = CertificateDer::pem_file_iter(&cert.path)
        .and_then(Iterator::collect)
        .map_err(|error| cert.unreadable(error))?;
    let private = PrivateKeyDer::from_pem_file(&key.path).map_err(|error| key.unreadable(error))?;
    builder.with_client_auth_cert(chain, private).map_err(|error| {
        let hint = format!("`{}` and `{}` must belong together", cert.setting, key.setting);
        tls_error(error).with_hint(hint)
    })
}

impl PemFile {
    fn unreadable(&self, error: pem::Error) -> SharedError {
        let Self { setting, path } = self;
        tls_error(error).with_hint(format!(
            "`{setting}` must be a PEM file that the exporter may read: {}",
            path.display()
        ))
    }
}

pub(crate) fn tls_error(error: impl std::error::Error + Send + Sync + 'static) -> SharedError {
    SharedError::new(Reason::Tls).with_source(error)
}

/// Accepts any server: the connection is encrypted, and the server is not verified.
#[derive(Debug)]
pub(crate) struct Unverified(pub(crate) Vec<SignatureScheme>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    // The signature of an unverified key proves nothing, and checking it would refuse the version 1
    // certificates that PostgreSQL's manual shows how to make.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.clone()
    }
}
