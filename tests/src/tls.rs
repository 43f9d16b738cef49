//! Certificates for servers and clients, made for one test.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{StackError, folder::Folder, process::output, user::User};

/// A certificate authority, a server's certificate for `127.0.0.1` and `localhost`, and a client's.
#[derive(Debug)]
pub struct Certificates {
    folder: Folder,
}

impl Certificates {
    /// Makes them with `openssl`; the client's common name is `client` (a database user, say).
    pub fn new(client: &str) -> Result<Self, StackError> {
        let folder = Folder::new("tls", User::unprivileged()?)?;
        let made = Self { folder };
        let path = made.folder.path();
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        openssl(path, "req", |command| {
            command.args(["-x509", "-days", "3", "-subj", "/CN=Pulso test authority"]);
            command.args(key).args(["-keyout", "ca.key", "-out", "ca.crt"]);
        })?;
        made.issue("server", "localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1", &key)?;
        made.issue("client", client, "extendedKeyUsage=clientAuth", &key)?;
        Ok(made)
    }

    fn issue(
        &self,
        file: &str,
        name: &str,
        extension: &str,
        key: &[&str],
    ) -> Result<(), StackError> {
        let path = self.folder.path();
        openssl(path, "req", |command| {
            command.args(["-subj", &format!("/CN={name}")]).args(key);
            command.args(["-keyout", &format!("{file}.key"), "-out", &format!("{file}.csr")]);
        })?;
        let extensions = self.folder.write(&format!("{file}.ext"), extension)?;
        openssl(path, "x509", |command| {
            command.args(["-req", "-days", "3", "-CA", "ca.crt", "-CAkey", "ca.key"]);
            command.args(["-CAcreateserial", "-in", &format!("{file}.csr")]);
            command.args(["-out", &format!("{file}.crt"), "-extfile"]).arg(extensions);
        })?;
        // Servers insist on a key that is theirs and nobody else's to read; openssl made it 0600.
        self.folder.hand_over(&self.folder.join(format!("{file}.key")))
    }

    /// The authority's certificate, PEM.
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// The server's certificate, PEM.
    pub fn server_cert(&self) -> PathBuf {
        self.folder.join("server.crt")
    }

    /// The server's key, PEM.
    pub fn server_key(&self) -> PathBuf {
        self.folder.join("server.key")
    }

    /// The client's certificate, PEM.
    pub fn client_cert(&self) -> PathBuf {
        self.folder.join("client.crt")
    }

    /// The client's key, PEM.
    pub fn client_key(&self) -> PathBuf {
        self.folder.join("client.key")
    }
}

fn openssl(
    folder: &Path,
    verb: &str,
    arguments: impl FnOnce(&mut Command),
) -> Result<String, StackError> {
    let mut command = Command::new("openssl");
    command.current_dir(folder).arg(verb);
    arguments(&mut command);
    output(&mut command)
}
