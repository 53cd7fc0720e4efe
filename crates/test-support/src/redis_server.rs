use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A Redis server for one test, which can be paused, killed, restarted and sent commands. It stops when this value is
/// dropped.
pub struct RedisServer {
    port: u16,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts a server on a free port.
    ///
    /// # Panics
    /// Panics if `redis-server` cannot be started.
    #[must_use]
    pub fn start() -> Self {
        let free =
            TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
        let mut server = Self { port: free.port(), child: None };
        server.restart();
        server
    }

    /// Returns the URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Kills the server, if it runs, and starts an empty one.
    ///
    /// # Panics
    /// Panics if `redis-server` cannot be started.
    pub fn restart(&mut self) {
        self.kill();
        let port = self.port.to_string();
        let options = ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"];
        let child = Command::new("redis-server").args(options).stdout(Stdio::null()).spawn();
        self.child = Some(child.expect("redis-server"));
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "redis-server did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills the server.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Suspends the server: it keeps its connections but does not respond.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Resumes the server.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            let _ = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
        }
    }

    /// Sends an inline command, such as `FLUSHALL`.
    ///
    /// # Panics
    /// Panics if the reply is not `+OK`.
    pub fn send(&self, command: &str) {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).expect("Redis");
        connection.write_all(format!("{command}\r\n").as_bytes()).expect("send the command");
        let mut reply = [0; 64];
        let length = connection.read(&mut reply).expect("read the reply");
        assert!(
            reply[..length].starts_with(b"+OK"),
            "{command}: {:?}",
            String::from_utf8_lossy(&reply[..length])
        );
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
