//! TLS to the server.

use std::{path::PathBuf, sync::Arc};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio_rustls::TlsConnector;

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
    pub(super) ca_cert: Option<PathBuf>,
    /// Certificate and key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
    pub(super) server_name: Option<String>,
    pub(super) skip_verify: bool,
}

impl Tls {
    /// Reads the certificates, afresh for each connection: they are renewed under running
    /// exporters.
    pub(super) async fn connector(&self) -> Result<TlsConnector, Failure> {
        let this = self.clone();
        let config = tokio::task::spawn_blocking(move || this.client_config())
            .await
            .map_err(|panic| Failure::new(Reason::Internal).with_source(panic))??;
        Ok(TlsConnector::from(Arc::new(config)))
    }

    /// The name that the server must show, when it was reached as `host`.
    pub(super) fn name(&self, host: &str) -> Result<ServerName<'static>, Failure> {
        let name = self.server_name.as_deref().unwrap_or(host).to_owned();
        ServerName::try_from(name).map_err(|error| {
            trouble(error).with_hint("`tls_server_name` must be a host's name or address")
        })
    }

    fn client_config(&self) -> Result<ClientConfig, Failure> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let schemes = provider.signature_verification_algorithms.supported_schemes();
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(trouble)?;
        let builder = if self.skip_verify {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(schemes)))
        } else {
            builder.with_root_certificates(roots(self.ca_cert.as_deref(), "tls_ca_cert")?)
        };
        let Some((cert, key)) = &self.identity else { return Ok(builder.with_no_client_auth()) };
        let (chain, key) = identity((cert, "tls_cert"), (key, "tls_key"))?;
        builder.with_client_auth_cert(chain, key).map_err(|error| {
            trouble(error).with_hint("`tls_cert` and `tls_key` must belong together")
        })
    }
}
