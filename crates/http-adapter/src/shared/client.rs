use std::net::IpAddr;

use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::{HttpRequest, web};
use haat_domain::identity::{Client, DeviceId};
use ipnet::IpNet;

const DEVICE: HeaderName = HeaderName::from_static("x-device-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// As much of what a program says of itself is kept, in characters.
const PROGRAM: usize = 200;

/// Proxies of ours: what they say of whom they speak for is believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(pub(crate) Vec<IpNet>);

/// From where a request comes.
pub(crate) fn client_of(request: &HttpRequest) -> Client {
    let headers = request.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let trusted = request.app_data::<web::Data<TrustedProxies>>();
    let program = text(header::USER_AGENT).map(|text| text.trim().chars().take(PROGRAM).collect::<String>());
    Client {
        device: text(DEVICE).and_then(DeviceId::parse),
        program: program.filter(|program| !program.is_empty()),
        address: peer.map(|peer| trusted.map_or(peer, |trusted| trusted.address(peer, headers))),
    }
}

impl TrustedProxies {
    /// Who is behind proxies of ours: in the list that each of them has appended to, the last whom none of ours is. What
    /// stands before that anybody may have written.
    fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let is_ours = |address: &IpAddr| self.0.iter().any(|net| net.contains(address));
        let mut address = peer;
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
        for told in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !is_ours(&address) {
                break;
            }
            let Ok(told) = told.trim().parse::<IpAddr>() else {
                break;
            };
            address = told.to_canonical();
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
    fn only_proxies_of_ours_are_believed() {
        let ours = ["10.0.0.0/8", "::1/128"];
        for (peer, forwarded, expected) in [
            ("192.0.2.1:1", &[][..], "192.0.2.1"),
            ("192.0.2.1:1", &["203.0.113.9"], "192.0.2.1"),
            ("10.0.0.1:1", &[], "10.0.0.1"),
            ("10.0.0.1:1", &["203.0.113.9"], "203.0.113.9"),
            ("[::ffff:10.0.0.1]:1", &["203.0.113.9"], "203.0.113.9"),
            ("[::1]:1", &["2001:db8::1"], "2001:db8::1"),
            // Whoever writes a list of their own is still the last before ours.
            ("10.0.0.1:1", &["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:1", &["198.51.100.7", "203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1:1", &["198.51.100.7, rubbish"], "10.0.0.1"),
            ("10.0.0.1:1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ] {
            assert_eq!(address(peer, forwarded, &ours), expected, "{peer} {forwarded:?}");
            assert_eq!(
                address(peer, forwarded, &[]),
                address(peer, &[], &[]),
                "nobody is believed by default"
            );
        }
    }

    #[test]
    fn devices_and_programs_say_what_they_are() {
        let request = TestRequest::default()
            .insert_header((DEVICE, "phone-1"))
            .insert_header((header::USER_AGENT, "x".repeat(300)))
            .to_http_request();
        let client = client_of(&request);
        assert_eq!(client.device, DeviceId::parse("phone-1"));
        assert_eq!(client.program.unwrap().len(), PROGRAM);
        let silent = TestRequest::default().insert_header((DEVICE, "not a name")).to_http_request();
        assert_eq!(client_of(&silent), Client::default());
    }
}
