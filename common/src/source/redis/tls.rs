//! TLS to the server.

use std::{path::PathBuf, sync::Arc};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio_rustls::TlsConnector;

use crate::source::connection::{
    blocking::read_files,
    error::SharedError,
    tls::{Identity, Unverified, roots, tls_error, with_identity},
};

/// How the server is verified, and the client certificate.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    pub(super) ca_cert: Option<PathBuf>,
    pub(super) identity: Option<Identity>,
    pub(super) server_name: Option<String>,
    pub(super) skip_verify: bool,
}

impl Tls {
    /// Reads the certificates, at each connect because they are renewed while the exporter runs.
    pub(super) async fn connector(&self) -> Result<TlsConnector, SharedError> {
        let this = self.clone();
        let config = read_files(move || this.client_config()).await?;
        Ok(TlsConnector::from(Arc::new(config)))
    }

    /// The name that the certificate of the server at `host` must have.
    pub(super) fn name(&self, host: &str) -> Result<ServerName<'static>, SharedError> {
        let name = self.server_name.as_deref().unwrap_or(host).to_owned();
        ServerName::try_from(name).map_err(|error| {
            tls_error(error)
                .with_hint("`tls_server_name` must be the name or the address of a host")
        })
    }

    fn client_config(&self) -> Result<ClientConfig, SharedError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let schemes = provider.signature_verification_algorithms.supported_schemes();
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(tls_error)?;
        let builder = if self.skip_verify {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(schemes)))
        } else {
            builder.with_root_certificates(roots(self.ca_cert.as_deref(), "tls_ca_cert")?)
        };
        with_identity(builder, self.identity.as_ref())
    }
}
