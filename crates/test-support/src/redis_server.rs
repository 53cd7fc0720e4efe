use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A Redis of a test's own, to be paused, killed, flushed and filled. Ends when dropped.
pub struct RedisServer {
    port: u16,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When `redis-server` cannot be started.
    #[must_use]
    pub fn start() -> Self {
        let free =
            TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
        let mut server = Self { port: free.port(), child: None };
        server.restart();
        server
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Kills it, if it runs, and starts it anew with nothing in it.
    ///
    /// # Panics
    /// When `redis-server` cannot be started.
    pub fn restart(&mut self) {
        self.kill();
        let port = self.port.to_string();
        let options = ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"];
        let child = Command::new("redis-server").args(options).stdout(Stdio::null()).spawn();
        self.child = Some(child.expect("redis-server"));
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "redis-server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops it in its tracks: it keeps its connections and says nothing.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            let _ = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
        }
    }

    /// Says a command of one line, such as `FLUSHALL`.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn say(&self, command: &str) {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).expect("Redis");
        connection.write_all(format!("{command}\r\n").as_bytes()).expect("Redis listens");
        let mut answer = [0; 64];
        let length = connection.read(&mut answer).expect("Redis answers");
        assert!(
            answer[..length].starts_with(b"+OK"),
            "{command}: {:?}",
            String::from_utf8_lossy(&answer[..length])
        );
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
