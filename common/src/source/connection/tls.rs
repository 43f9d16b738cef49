//! Whom a connection trusts, and how it shows who it is: certificates from files.

use std::path::Path;

use rustls::{
    DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};

use crate::{scrape::Reason, source::connection::error::Failure};

/// The CAs of the file that `setting` names, or the system's.
pub(crate) fn roots(ca: Option<&Path>, setting: &str) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca else {
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
        if roots.is_empty() {
            let failure = Failure::new(Reason::Tls).with_hint(format!(
                "the system has no CA certificates: install ca-certificates or name the server's \
                 CA in `{setting}`"
            ));
            return Err(match system.errors.into_iter().next() {
                Some(error) => failure.with_source(error),
                None => failure,
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
        .map_err(|error| trouble(error).with_hint(hint()))?;
    for cert in certs {
        roots.add(cert).map_err(|error| trouble(error).with_hint(hint()))?;
    }
    if roots.is_empty() {
        return Err(Failure::new(Reason::Tls).with_hint(hint()));
    }
    Ok(roots)
}

/// The certificate and its key, each a file and the setting that names it.
pub(crate) fn identity(
    (cert, cert_setting): (&Path, &str),
    (key, key_setting): (&Path, &str),
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Failure> {
    let unreadable = |setting: &str, path: &Path| {
        let hint = format!(
            "`{setting}` must be a PEM file that the exporter may read: {}",
            path.display()
        );
        move |error: rustls::pki_types::pem::Error| trouble(error).with_hint(hint)
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(unreadable(cert_setting, cert))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key_setting, key))?;
    Ok((chain, key))
}

/// A failure of TLS.
pub(crate) fn trouble(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(Reason::Tls).with_source(error)
}

/// The line is encrypted and the server may be anyone.
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

    // A signature made with a key that nobody vouches for proves nothing, and checking it would
    // refuse the version 1 certificates that PostgreSQL's manual tells people to make.
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
