use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use url::Url;

use crate::unique_word;

/// The message by which a Postgres client requests TLS: a length of 8 and the code 80877103 (PostgreSQL
/// documentation, message formats, `SSLRequest`). Other clients start TLS immediately.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A proxy in front of Postgres or Redis that speaks TLS to clients, as `localhost`.
pub struct TlsProxy {
    port: u16,
    /// The file of the certificate that clients must trust.
    pub certificate: PathBuf,
}

impl TlsProxy {
    /// Starts a proxy in front of the server at `url`.
    ///
    /// # Panics
    /// Panics if no port is free, if no certificate can be created, or if the URL has no host or port.
    pub async fn new(url: &str) -> Self {
        let url = Url::parse(url).expect("a URL");
        let target = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
        let sends_ssl_request = url.scheme().starts_with("postgres");
        let certified =
            rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let certificate = std::env::temp_dir().join(format!("{}.pem", unique_word()));
        std::fs::write(&certificate, certified.cert.pem()).expect("a file");
        let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certified.cert.der().clone()], key).expect("a key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, acceptor.clone(), target.clone(), sends_ssl_request));
            }
        });
        Self { port, certificate }
    }

    /// Returns `url` with this host and the port of the proxy.
    ///
    /// # Panics
    /// Panics if it is not a URL with a host.
    #[must_use]
    pub fn through(&self, url: &str, host: &str) -> String {
        let mut url = Url::parse(url).expect("a URL");
        url.set_host(Some(host)).expect("a host");
        url.set_port(Some(self.port)).expect("a port");
        url.into()
    }
}

/// Serves one connection until it ends. Closes connections without TLS.
async fn pass(
    mut client: TcpStream,
    acceptor: TlsAcceptor,
    target: String,
    sends_ssl_request: bool,
) -> Option<()> {
    if sends_ssl_request {
        let mut request = [0; 8];
        client.read_exact(&mut request).await.ok()?;
        if request != SSL_REQUEST {
            return None;
        }
        client.write_all(b"S").await.ok()?;
    }
    let mut client = acceptor.accept(client).await.ok()?;
    let mut server = TcpStream::connect(target).await.ok()?;
    copy_bidirectional(&mut client, &mut server).await.ok()?;
    Some(())
}
