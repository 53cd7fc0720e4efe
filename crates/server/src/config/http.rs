use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::num::NonZeroU32;
use std::time::Duration;

use haat_http_core::{HttpSettings, RateLimit};
use ipnet::IpNet;
use url::Url;

use super::problems::non_empty;
use super::{Environment, Problems};

/// Many times what a phone needs on a busy day.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();
const BURST: NonZeroU32 = NonZeroU32::new(2_000).unwrap();
const IN_DEVELOPMENT: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

#[derive(Debug, clap::Args)]
pub(crate) struct HttpArgs {
    /// Address and port to listen on; port 0 selects a free port
    #[arg(long, env = "HAAT_BIND", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    bind: String,
    /// Your proxies, whose X-Forwarded-For header is trusted: addresses or networks, separated by spaces
    #[arg(long, env = "HAAT_TRUSTED_PROXIES", value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
    /// Origins whose pages may call this server from a browser, separated by spaces: https://office.example.com
    #[arg(long, env = "HAAT_CORS_ORIGINS", value_name = "ORIGINS")]
    cors_origins: Option<String>,
    /// Threads that serve requests; 0 means one per core
    #[arg(long, env = "HAAT_WORKERS", default_value = "0", value_name = "N")]
    workers: String,
    /// Maximum size of a JSON body, in KiB after decompression
    #[arg(long, env = "HAAT_MAX_BODY_KIB", default_value = "1024", value_name = "KIB")]
    max_body_kib: String,
    /// Maximum size of an uploaded file, in MiB after decompression
    #[arg(long, env = "HAAT_MAX_UPLOAD_MIB", default_value = "2048", value_name = "MIB")]
    max_upload_mib: String,
    /// Time that a JSON body, or the next chunk of a file, may take to arrive, in seconds
    #[arg(long, env = "HAAT_BODY_TIMEOUT_SECONDS", default_value = "15", value_name = "SECONDS")]
    body_timeout_seconds: String,
    /// Time that requests in flight may take to finish at shutdown, in seconds; a second signal ends them at once
    #[arg(long, env = "HAAT_SHUTDOWN_TIMEOUT_SECONDS", default_value = "30", value_name = "SECONDS")]
    shutdown_timeout_seconds: String,
    /// Seconds between two writes of the activity of users; what was counted since the last one is lost in a crash
    #[arg(long, env = "HAAT_ACTIVITY_SECONDS", default_value = "30", value_name = "SECONDS")]
    activity_seconds: String,
    /// Requests per second that a caller may send to one route, in the long run; default 50, in development 100000
    #[arg(long, env = "HAAT_RATE_PER_SECOND", value_name = "N")]
    rate_per_second: Option<String>,
    /// Requests that a caller may send to one route at once, after a pause; default 2000, in development 100000
    #[arg(long, env = "HAAT_RATE_BURST", value_name = "N")]
    rate_burst: Option<String>,
}

/// The settings of the HTTP server.
#[derive(Debug, Clone)]
pub(crate) struct HttpConfig {
    /// The address to listen on.
    pub(crate) bind: SocketAddr,
    /// The limits and other settings.
    pub(crate) settings: HttpSettings,
    /// The time between two writes of the activity of users.
    pub(crate) activity_interval: Duration,
}

impl HttpArgs {
    pub(crate) fn parse(self, environment: Environment, problems: &mut Problems) -> HttpConfig {
        let development = environment == Environment::Development;
        let mut rate = |name, text: Option<String>, production: NonZeroU32| {
            let default = if development { IN_DEVELOPMENT } else { production };
            non_empty(text).map_or(default, |text| {
                let number = u32::try_from(problems.number(name, &text, 1, 1_000_000)).ok();
                number.and_then(NonZeroU32::new).unwrap_or(default)
            })
        };
        let per_second = rate("HAAT_RATE_PER_SECOND", self.rate_per_second, PER_SECOND);
        let burst = rate("HAAT_RATE_BURST", self.rate_burst, BURST);
        let bind = self.bind.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        if bind.is_none() {
            problems.note("HAAT_BIND", format!("must be an address and a port, not {:?}", self.bind));
        }
        let workers = problems.number("HAAT_WORKERS", &self.workers, 0, 1_024);
        let kib = problems.number("HAAT_MAX_BODY_KIB", &self.max_body_kib, 1, 1 << 20);
        let upload_mib = problems.number("HAAT_MAX_UPLOAD_MIB", &self.max_upload_mib, 1, 1 << 20);
        let seconds =
            problems.number("HAAT_SHUTDOWN_TIMEOUT_SECONDS", &self.shutdown_timeout_seconds, 0, 3_600);
        let body_seconds = problems.number("HAAT_BODY_TIMEOUT_SECONDS", &self.body_timeout_seconds, 1, 3_600);
        let activity_seconds = problems.number("HAAT_ACTIVITY_SECONDS", &self.activity_seconds, 1, 3_600);
        HttpConfig {
            activity_interval: Duration::from_secs(activity_seconds),
            bind: bind.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            settings: HttpSettings {
                cors_origins: origins(self.cors_origins, problems),
                trusted_proxies: networks(self.trusted_proxies, problems),
                workers: usize::try_from(workers).ok().filter(|workers| *workers > 0),
                max_body_bytes: usize::try_from(kib << 10).unwrap_or(1 << 20),
                max_upload_bytes: upload_mib << 20,
                body_timeout: Duration::from_secs(body_seconds),
                shutdown_timeout: Duration::from_secs(seconds),
                rate_limit: RateLimit { per_second, burst },
            },
        }
    }
}

/// Parses networks such as `10.0.0.0/8 192.0.2.1`, separated by spaces or commas.
fn networks(text: Option<String>, problems: &mut Problems) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for text in non_empty(text).unwrap_or_default().split([' ', ',']).filter(|text| !text.is_empty()) {
        match text.parse::<IpNet>().or_else(|_not_a_network| text.parse::<IpAddr>().map(IpNet::from)) {
            Ok(network) => networks.push(network),
            Err(_) => problems.note(
                "HAAT_TRUSTED_PROXIES",
                format!("must be addresses or networks such as 10.0.0.0/8, not {text:?}"),
            ),
        }
    }
    networks
}

/// Parses origins such as `https://office.example.com http://localhost:3000`: each as a browser sends it, without a path.
fn origins(text: Option<String>, problems: &mut Problems) -> Vec<String> {
    let mut origins = Vec::new();
    for text in non_empty(text).unwrap_or_default().split_whitespace() {
        match Url::parse(text) {
            Ok(url) if url.origin().ascii_serialization() == text => origins.push(text.to_owned()),
            _ => problems.note(
                "HAAT_CORS_ORIGINS",
                format!("must be origins such as https://office.example.com, not {text:?}"),
            ),
        }
    }
    origins
}
