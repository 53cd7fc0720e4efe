use std::net::IpAddr;

use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::{HttpRequest, web};
use haat_domain::auth::{Client, DeviceId};
use ipnet::IpNet;
use sha2::{Digest as _, Sha256};

const DEVICE: HeaderName = HeaderName::from_static("x-device-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Maximum stored length of `User-Agent`, in characters.
const MAX_USER_AGENT: usize = 200;

/// Proxies whose `X-Forwarded-For` is trusted.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(pub Vec<IpNet>);

/// Returns the client of a request: device, user agent and address.
pub fn client_of(request: &HttpRequest) -> Client {
    let headers = request.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let trusted = request.app_data::<web::Data<TrustedProxies>>();
    let user_agent =
        text(header::USER_AGENT).map(|text| text.trim().chars().take(MAX_USER_AGENT).collect::<String>());
    Client {
        device: headers.get(DEVICE).and_then(|sent| device_of(sent.as_bytes())),
        user_agent: user_agent.filter(|user_agent| !user_agent.is_empty()),
        address: peer.map(|peer| trusted.map_or(peer, |trusted| trusted.address(peer, headers))),
    }
}

/// Returns the device. Clients send ids of any length and alphabet; one that cannot be stored is replaced by its SHA-256,
/// which identifies the device as well.
fn device_of(sent: &[u8]) -> Option<DeviceId> {
    let sent = sent.trim_ascii();
    let stored = std::str::from_utf8(sent).ok().and_then(DeviceId::parse);
    stored.or_else(|| {
        let hash = (!sent.is_empty()).then(|| Sha256::digest(sent))?;
        DeviceId::parse(&format!("sha256-{hash:x}"))
    })
}

impl TrustedProxies {
    /// Returns the client's address: the peer or, if the peer is a trusted proxy, the last address in
    /// `X-Forwarded-For` that is not one. Each proxy appends to the list; earlier entries can be forged.
    fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let is_trusted = |address: &IpAddr| self.0.iter().any(|net| net.contains(address));
        let mut address = peer;
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
        for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !is_trusted(&address) {
                break;
            }
            let Ok(forwarded) = entry.trim().parse::<IpAddr>() else {
                break;
            };
            address = forwarded.to_canonical();
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn address(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
        for line in forwarded {
            request = request.append_header((FORWARDED_FOR, *line));
        }
        let nets = trusted.iter().map(|net| net.parse().unwrap()).collect();
        let request = request.app_data(web::Data::new(TrustedProxies(nets))).to_http_request();
        client_of(&request).address.unwrap().to_string()
    }

    #[test]
    fn trusts_only_configured_proxies() {
        let trusted = ["10.0.0.0/8", "::1/128"];
        for (peer, forwarded, expected) in [
            ("192.0.2.1:1", &[][..], "192.0.2.1"),
            ("192.0.2.1:1", &["203.0.113.9"], "192.0.2.1"),
            ("10.0.0.1:1", &[], "10.0.0.1"),
            ("10.0.0.1:1", &["203.0.113.9"], "203.0.113.9"),
            ("[::ffff:10.0.0.1]:1", &["203.0.113.9"], "203.0.113.9"),
            ("[::1]:1", &["2001:db8::1"], "2001:db8::1"),
            // A client that forges a list is still the last entry before the trusted proxies.
            ("10.0.0.1:1", &["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:1", &["198.51.100.7", "203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1:1", &["198.51.100.7, rubbish"], "10.0.0.1"),
            ("10.0.0.1:1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ] {
            assert_eq!(address(peer, forwarded, &trusted), expected, "{peer} {forwarded:?}");
            assert_eq!(
                address(peer, forwarded, &[]),
                address(peer, &[], &[]),
                "no proxy is trusted by default"
            );
        }
    }

    #[test]
    fn reads_device_and_user_agent() {
        let request = TestRequest::default()
            .insert_header((DEVICE, "phone-1"))
            .insert_header((header::USER_AGENT, "x".repeat(300)))
            .to_http_request();
        let client = client_of(&request);
        assert_eq!(client.device, DeviceId::parse("phone-1"));
        assert_eq!(client.user_agent.unwrap().len(), MAX_USER_AGENT);
        let device = |sent: &str| {
            client_of(&TestRequest::default().insert_header((DEVICE, sent)).to_http_request()).device
        };
        assert_eq!(device(" "), None);
        for long in ["two words", &"x".repeat(1_000)] {
            let id = device(long).unwrap();
            assert!(id.as_str().starts_with("sha256-") && id.as_str().len() == 71, "{id:?}");
            assert_eq!(device(long), Some(id));
        }
        assert_ne!(device("two words"), device("three words"));
    }
}
