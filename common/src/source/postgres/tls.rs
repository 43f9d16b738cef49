//! TLS to the server with libpq's meaning of `sslmode`.

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
use crate::{
    scrape::Reason,
    source::connection::{
        error::Failure,
        tls::{Unverified, identity, roots, trouble},
    },
};

/// How to trust the server and how to show who we are.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    pub(super) mode: SslMode,
    pub(super) root_cert: Option<PathBuf>,
    /// Certificate and key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// Reads the certificates, afresh for each connection: they are renewed under running
    /// exporters. `None`: TLS is off.
    pub(super) async fn connector(&self) -> Result<Option<MakeRustlsConnect>, Failure> {
        if self.mode == SslMode::Disable {
            return Ok(None);
        }
        let this = self.clone();
        let config = tokio::task::spawn_blocking(move || this.client_config())
            .await
            .map_err(|panic| Failure::new(Reason::Internal).with_source(panic))??;
        Ok(Some(MakeRustlsConnect::new(config)))
    }

    fn client_config(&self) -> Result<ClientConfig, Failure> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(trouble)?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier(provider)?);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((cert, key)) => {
                let (chain, key) = identity((cert, "ssl_cert"), (key, "ssl_key"))?;
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    trouble(error).with_hint("`ssl_cert` and `ssl_key` must belong together")
                })?
            }
        };
        // Servers from 17 on insist on it where TLS begins without a word before.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(config)
    }

    fn verifier(
        &self,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, Failure> {
        let schemes = provider.signature_verification_algorithms.supported_schemes();
        match (self.mode, &self.root_cert) {
            (SslMode::Disable | SslMode::Prefer, _) | (SslMode::Require, None) => {
                Ok(Arc::new(Unverified(schemes)))
            }
            // With a CA given, libpq's `require` means `verify-ca`.
            (SslMode::Require | SslMode::VerifyCa, _) => {
                Ok(Arc::new(AnyName(self.webpki(provider)?)))
            }
            (SslMode::VerifyFull, _) => Ok(self.webpki(provider)?),
        }
    }

    fn webpki(&self, provider: Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, Failure> {
        let roots = Arc::new(roots(self.root_cert.as_deref(), "ssl_root_cert")?);
        WebPkiServerVerifier::builder_with_provider(roots, provider).build().map_err(trouble)
    }
}

/// `verify-ca`: signed by the CA, whatever name it stands for.
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
        // The name is checked after the chain, so here the chain holds.
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
