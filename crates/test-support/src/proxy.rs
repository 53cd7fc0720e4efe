use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

/// The behaviour of the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Passes bytes in both directions.
    Up,
    /// Closes every connection immediately.
    Down,
    /// Accepts connections and bytes, and forwards nothing.
    Hanging,
}

/// A proxy between a server under test and Postgres or Redis, to simulate outages.
pub struct Proxy {
    address: SocketAddr,
    mode: Arc<watch::Sender<Mode>>,
    open: Arc<AtomicUsize>,
}

impl Proxy {
    /// Starts a proxy in front of the server at `url`.
    ///
    /// # Panics
    /// Panics if no port is free, or if the URL has no host or port.
    pub async fn new(url: &str) -> Self {
        let url = Url::parse(url).expect("a URL");
        let target = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mode = Arc::new(watch::Sender::new(Mode::Up));
        let (modes, open) = (mode.clone(), Arc::new(AtomicUsize::new(0)));
        let counter = open.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, mode, counter) = (target.clone(), modes.subscribe(), counter.clone());
                tokio::spawn(async move {
                    counter.fetch_add(1, Ordering::SeqCst);
                    pass(client, target, mode).await;
                    counter.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, mode, open }
    }

    /// Returns `url` with the address of the proxy.
    ///
    /// # Panics
    /// Panics if `url` is not a URL with a host.
    #[must_use]
    pub fn through(&self, url: &str) -> String {
        let mut url = Url::parse(url).expect("a URL");
        url.set_ip_host(self.address.ip()).expect("a host");
        url.set_port(Some(self.address.port())).expect("a port");
        url.into()
    }

    /// Returns the number of open client connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Closes every open connection, and every new one immediately.
    pub fn take_down(&self) {
        self.mode.send_replace(Mode::Down);
    }

    /// Keeps connections open but forwards nothing.
    pub fn hang(&self) {
        self.mode.send_replace(Mode::Hanging);
    }

    /// Forwards everything again. Connections that hung are closed: their bytes are lost.
    pub fn bring_up(&self) {
        self.mode.send_replace(Mode::Up);
    }
}

/// Serves one connection until it ends or the mode changes.
async fn pass(mut client: TcpStream, target: String, mut mode: watch::Receiver<Mode>) {
    let now = *mode.borrow_and_update();
    match now {
        Mode::Down => {}
        Mode::Hanging => hang(&mut client, &mut mode).await,
        Mode::Up => {
            let Ok(mut server) = TcpStream::connect(target).await else {
                return;
            };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                _ = mode.changed() => {
                    let hanging = *mode.borrow_and_update() == Mode::Hanging;
                    if hanging {
                        hang(&mut client, &mut mode).await;
                    }
                }
            }
        }
    }
}

/// Discards the client's bytes until it disconnects or the mode changes.
async fn hang(client: &mut TcpStream, mode: &mut watch::Receiver<Mode>) {
    let mut sink = tokio::io::sink();
    tokio::select! {
        _ = tokio::io::copy(client, &mut sink) => {}
        _ = mode.changed() => {}
    }
}
