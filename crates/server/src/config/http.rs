use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::num::NonZeroU32;
use std::time::Duration;

use haat_http_adapter::{HttpSettings, RateLimit};
use ipnet::IpNet;
use url::Url;

use super::problems::given;
use super::{Environment, Problems};

/// What a phone needs on a busy day, many times over.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();
const BURST: NonZeroU32 = NonZeroU32::new(2_000).unwrap();
const IN_DEVELOPMENT: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

#[derive(Debug, clap::Args)]
pub(crate) struct HttpArgs {
    /// The address and port to listen on; port 0 takes a free one
    #[arg(long, env = "HAAT_BIND", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    bind: String,
    /// Proxies of ours, as addresses or networks with blanks between them: what they write into X-Forwarded-For is believed
    #[arg(long, env = "HAAT_TRUSTED_PROXIES", value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
    /// Origins of pages that a browser may let ask this server, with blanks between them: https://office.example.com
    #[arg(long, env = "HAAT_CORS_ORIGINS", value_name = "ORIGINS")]
    cors_origins: Option<String>,
    /// Threads that serve requests; 0: one per core
    #[arg(long, env = "HAAT_WORKERS", default_value = "0", value_name = "N")]
    workers: String,
    /// The largest JSON body taken, in KiB after unpacking
    #[arg(long, env = "HAAT_MAX_BODY_KIB", default_value = "1024", value_name = "KIB")]
    max_body_kib: String,
    /// The largest file taken, in MiB after unpacking
    #[arg(long, env = "HAAT_MAX_UPLOAD_MIB", default_value = "2048", value_name = "MIB")]
    max_upload_mib: String,
    /// How long a JSON body may take to arrive, or the next piece of a file, in seconds
    #[arg(long, env = "HAAT_BODY_TIMEOUT_SECONDS", default_value = "15", value_name = "SECONDS")]
    body_timeout_seconds: String,
    /// At a stop, how long requests in flight get to end, in seconds; a second signal ends them at once
    #[arg(long, env = "HAAT_SHUTDOWN_TIMEOUT_SECONDS", default_value = "30", value_name = "SECONDS")]
    shutdown_timeout_seconds: String,
    /// How many requests a second a caller may send to one route, in the long run; 50, in development 100000
    #[arg(long, env = "HAAT_RATE_PER_SECOND", value_name = "N")]
    rate_per_second: Option<String>,
    /// How many at once, after a pause; 2000, in development 100000
    #[arg(long, env = "HAAT_RATE_BURST", value_name = "N")]
    rate_burst: Option<String>,
}

/// Where and how to serve.
#[derive(Debug, Clone)]
pub(crate) struct HttpConfig {
    /// Where.
    pub(crate) bind: SocketAddr,
    /// How.
    pub(crate) settings: HttpSettings,
}

impl HttpArgs {
    pub(crate) fn parse(self, environment: Environment, problems: &mut Problems) -> HttpConfig {
        let development = environment == Environment::Development;
        let mut rate = |name, text: Option<String>, production: NonZeroU32| {
            let default = if development { IN_DEVELOPMENT } else { production };
            given(text).map_or(default, |text| {
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
        HttpConfig {
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

/// Reads `10.0.0.0/8 192.0.2.1`.
fn networks(text: Option<String>, problems: &mut Problems) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for text in given(text).unwrap_or_default().split([' ', ',']).filter(|text| !text.is_empty()) {
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

/// Reads `https://office.example.com http://localhost:3000`: each as a browser writes it, without a path.
fn origins(text: Option<String>, problems: &mut Problems) -> Vec<String> {
    let mut origins = Vec::new();
    for text in given(text).unwrap_or_default().split_whitespace() {
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
