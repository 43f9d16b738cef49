//! TLS to the server, with the meaning that `sslmode` has in libpq.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::settings::SslMode;
use crate::source::connection::{
    blocking::read_files,
    error::SharedError,
    tls::{Identity, Unverified, roots, tls_error, with_identity},
};

/// How the server is verified, and the client certificate.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    pub(super) mode: SslMode,
    pub(super) root_cert: Option<PathBuf>,
    pub(super) identity: Option<Identity>,
}

impl Tls {
    /// Reads the certificates, at each connect because they are renewed while the exporter runs.
    /// `None`: TLS is off.
    pub(super) async fn connector(&self) -> Result<Option<MakeRustlsConnect>, SharedError> {
        if self.mode == SslMode::Disable {
            return Ok(None);
        }
        let this = self.clone();
        let config = read_files(move || this.client_config()).await?;
        Ok(Some(MakeRustlsConnect::new(config)))
    }

    fn client_config(&self) -> Result<ClientConfig, SharedError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(tls_error)?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier(provider)?);
        let mut config = with_identity(builder, self.identity.as_ref())?;
        // PostgreSQL 17 and later require it when TLS starts without a negotiation request.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(config)
    }

    fn verifier(
        &self,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, SharedError> {
        let schemes = provider.signature_verification_algorithms.supported_schemes();
        match (self.mode, &self.root_cert) {
            (SslMode::Disable | SslMode::Prefer, _) | (SslMode::Require, None) => {
                Ok(Arc::new(Unverified(schemes)))
            }
            // With a CA, libpq's `require` means `verify-ca`.
            (SslMode::Require | SslMode::VerifyCa, _) => {
                Ok(Arc::new(AnyName(self.webpki(provider)?)))
            }
            (SslMode::VerifyFull, _) => Ok(self.webpki(provider)?),
        }
    }

    fn webpki(
        &self,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<WebPkiServerVerifier>, SharedError> {
        let roots = Arc::new(roots(self.root_cert.as_deref(), "ssl_root_cert")?);
        WebPkiServerVerifier::builder_with_provider(roots, provider).build().map_err(tls_error)
    }
}

/// `verify-ca`: the CA must have signed the certificate, for whatever name.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        let outcome =
            self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        // The name is checked after the chain, so the chain is valid here.
        match outcome {
            Err(rustls::Error::InvalidCertificate(
                NotValidForName | NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
