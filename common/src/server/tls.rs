//! `tls_server_config` as a configuration of rustls.

use std::{fs, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    version::{TLS12, TLS13},
};

use super::{
    client_cert::client_verifier,
    pem::{TlsError, certificates_of, read, unreadable},
    web_config::parse::{Curve, TlsSection, TlsVersion},
};
use crate::settings::Secret;

/// The section's configuration; `None` when it does not enable TLS.
pub(super) fn server_config(section: &TlsSection) -> Result<Option<Arc<ServerConfig>>, TlsError> {
    if !section.is_enabled() {
        return Ok(None);
    }
    let provider = Arc::new(provider(section)?);
    let (min, max) = (section.min_version, section.max_version);
    let (min, max) = (min.unwrap_or(TlsVersion::Tls12), max.unwrap_or(TlsVersion::Tls13));
    let versions: &[_] = match (min, max) {
        (TlsVersion::Tls12, TlsVersion::Tls12) => &[&TLS12],
        (TlsVersion::Tls12, TlsVersion::Tls13) => &[&TLS13, &TLS12],
        (TlsVersion::Tls13, TlsVersion::Tls13) => &[&TLS13],
        (TlsVersion::Tls13, TlsVersion::Tls12) => {
            return Err(TlsError::at("max_version", "it is below `min_version`"));
        }
    };
    let verifier = client_verifier(section, &provider)?;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| {
            TlsError::at("cipher_suites", "none of them works with the allowed TLS versions")
                .with_source(error)
        })?;
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config =
        builder.with_single_cert(certificates(section)?, key(section)?).map_err(|error| {
            TlsError::at("key_file", "it does not belong to the certificate").with_source(error)
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Arc::new(config)))
}

fn certificates(section: &TlsSection) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    if section.cert_file.is_some() && section.cert.is_some() {
        return Err(TlsError::at("cert", "`cert_file` is given as well; keep one of them"));
    }
    let (key, pem) = match (&section.cert_file, &section.cert) {
        (Some(path), _) => ("cert_file", read("cert_file", path)?),
        (None, Some(cert)) => ("cert", cert.clone().into_bytes()),
        (None, None) => return Err(TlsError::at("cert_file", "it is missing, and so is `cert`")),
    };
    certificates_of(key, &pem)
}

fn key(section: &TlsSection) -> Result<PrivateKeyDer<'static>, TlsError> {
    if section.key_file.is_some() && section.key.is_some() {
        return Err(TlsError::at("key", "`key_file` is given as well; keep one of them"));
    }
    let (key, pem) = match (&section.key_file, &section.key) {
        (Some(path), _) => {
            // Read as a secret, so that no error can quote it.
            let pem = fs::read_to_string(path).map_err(|error| unreadable("key_file", path, error));
            ("key_file", Secret::new(pem?))
        }
        (None, Some(key)) => ("key", key.clone()),
        (None, None) => return Err(TlsError::at("key_file", "it is missing, and so is `key`")),
    };
    PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            TlsError::at(key, "it has no PEM private key (an encrypted one cannot be used)")
        }
        _ => TlsError::at(key, "it is not valid PEM"),
    })
}

fn provider(section: &TlsSection) -> Result<CryptoProvider, TlsError> {
    let mut provider = ring::default_provider();
    if !section.cipher_suites.is_empty() {
        // As in Go, the list applies to TLS 1.2; the suites of 1.3 are always enabled.
        let id = |suite: &rustls::SupportedCipherSuite| format!("{:?}", suite.suite());
        let old = |suite: &&rustls::SupportedCipherSuite| suite.tls13().is_none();
        for name in &section.cipher_suites {
            let known = provider.cipher_suites.iter().any(|it| is_named(&id(it), name));
            if !known {
                let allowed = provider.cipher_suites.iter().filter(old).map(id);
                let allowed = allowed.collect::<Vec<_>>().join(", ");
                let problem = format!("`{name}` is not supported; allowed: {allowed}");
                return Err(TlsError::at("cipher_suites", problem));
            }
        }
        let chosen = |it: &rustls::SupportedCipherSuite| {
            it.tls13().is_some() || section.cipher_suites.iter().any(|name| is_named(&id(it), name))
        };
        provider.cipher_suites.retain(chosen);
    }
    if !section.curve_preferences.is_empty() {
        let group = |curve: &Curve| match curve {
            Curve::CurveP256 => ring::kx_group::SECP256R1,
            Curve::CurveP384 => ring::kx_group::SECP384R1,
            Curve::X25519 => ring::kx_group::X25519,
        };
        provider.kx_groups = section.curve_preferences.iter().map(group).collect();
    }
    Ok(provider)
}

/// Whether `name`, as Go writes it, is the cipher suite that rustls calls `id`.
fn is_named(id: &str, name: &str) -> bool {
    match id.strip_prefix("TLS13_") {
        Some(id) => name.strip_prefix("TLS_") == Some(id),
        None => name == id,
    }
}
