//! How often passwords may be guessed.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use haat_domain::identity::{Client, Counted, DeviceId, FactorCode, LoginName, TenantSlug};
use haat_domain::shared::{TenantId, UserId};

/// How many failures are free, after a pause.
#[derive(Debug, Clone, Copy)]
pub struct GuessLimit {
    /// For one name from devices that it never logged in with, and for one user on a device of theirs.
    pub failures: u32,
}

/// One more for a name from strange devices.
const BY_NAME: Duration = Duration::from_mins(1);

/// One more for a user on a device of theirs, whom no stranger can use up.
const BY_OWN_DEVICE: Duration = Duration::from_secs(30);

/// One more for a code. Of a million three are right at a time, so whoever has the password finds one in a day with a chance of
/// 1 in 1,100.
const BY_CODE: Duration = Duration::from_mins(5);

/// The most codes that are free, however many passwords are: of those there are more.
const CODES: u32 = 10;

/// One more for a device at an address, whatever names it tries; and how many times as many are free.
const BY_CLIENT: Duration = Duration::from_secs(10);
const NAMES_BY_CLIENT: u32 = 3;

impl GuessLimit {
    /// What a login counts by. On a device that they have logged in with, a user is counted apart from everybody else: whoever
    /// guesses their name from elsewhere makes strangers wait, and never them (OWASP, device cookies). Never by the address
    /// alone, as carriers put thousands of phones behind one.
    pub(super) fn of_login(
        self,
        tenant: &TenantSlug,
        name: Option<&LoginName>,
        client: &Client,
        own_device_of: Option<(TenantId, UserId)>,
    ) -> Vec<Counted> {
        let device = client.device.as_ref().map_or("", DeviceId::as_str);
        if let Some((tenant, user)) = own_device_of {
            let key = format!("own:{tenant}:{user}:{device}");
            return vec![self.counted(key, 1, BY_OWN_DEVICE)];
        }
        let tenant = tenant.as_str();
        let mut counted = Vec::new();
        if !device.is_empty() {
            let address = client.address.map(network).map(|address| address.to_string()).unwrap_or_default();
            let by_client = format!("client:{address}:{device}");
            counted.push(self.counted(by_client, NAMES_BY_CLIENT, BY_CLIENT));
        }
        // By what was typed, whoever it is: that two names are one user's is nobody's business.
        let typed = name.map(|name| match name {
            LoginName::Username(username) => username.as_str(),
            LoginName::Email(email) => email.as_str(),
            LoginName::Phone(phone) => phone.as_str(),
        });
        counted.extend(typed.map(|name| self.counted(format!("name:{tenant}:{name}"), 1, BY_NAME)));
        counted
    }

    /// What the password counts by that somebody who is logged in says is theirs.
    pub(super) fn of_own_password(self, tenant: TenantId, user: UserId) -> Vec<Counted> {
        vec![self.counted(format!("password:{tenant}:{user}"), 1, BY_NAME)]
    }

    /// What the second factor of somebody counts by who has shown the password: on a device where they have shown both, and in a
    /// session, apart from everybody else. Recovery codes cannot be guessed, so they only count for what they cost, by the `try_`
    /// they belong to, and nobody's are used up by strangers.
    pub(super) fn of_code(
        self,
        (tenant, user): (TenantId, UserId),
        code: Option<&FactorCode>,
        apart: &str,
        try_: &str,
    ) -> Vec<Counted> {
        let limit = Self { failures: self.failures.min(CODES) };
        let key = match code {
            Some(FactorCode::Recovery(_)) => format!("recovery:{tenant}:{user}:{try_}"),
            Some(FactorCode::Totp(_)) | None => format!("code:{tenant}:{user}:{apart}"),
        };
        vec![limit.counted(key, 1, BY_CODE)]
    }

    const fn counted(self, key: String, times: u32, interval: Duration) -> Counted {
        Counted { key, burst: self.failures.saturating_mul(times), interval }
    }
}

/// The network that one customer has: an address of IPv4, 64 bits of IPv6 (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: GuessLimit = GuessLimit { failures: 10 };

    fn keys(name: &str, device: Option<&str>, address: &str, own: bool) -> Vec<String> {
        let client =
            Client { device: device.and_then(DeviceId::parse), program: None, address: address.parse().ok() };
        let own = own.then(|| (TenantId::new(1), UserId::new(7)));
        let name = LoginName::guess(name);
        let counted = LIMIT.of_login(&TenantSlug::default(), name.as_ref(), &client, own);
        counted.into_iter().map(|counted| counted.key).collect()
    }

    #[test]
    fn strangers_are_counted_by_name_and_by_device_and_address() {
        assert_eq!(
            keys("sr00001", Some("d1"), "192.0.2.1", false),
            ["client:192.0.2.1:d1", "name:default:sr00001"]
        );
        assert_eq!(keys("01711234567", None, "2001:db8:1:2:3::4", false), ["name:default:+8801711234567"]);
        assert_eq!(
            keys("no such name", Some("d1"), "2001:db8:1:2:3::4", false),
            ["client:2001:db8:1:2:::d1"]
        );
    }

    #[test]
    fn a_user_on_a_device_of_theirs_is_counted_apart() {
        assert_eq!(keys("sr00001", Some("d1"), "192.0.2.1", true), ["own:1:7:d1"]);
    }

    #[test]
    fn codes_count_by_device_or_session_and_never_more_than_ten_are_free() {
        let whose = (TenantId::new(1), UserId::new(7));
        let of = |failures, code| {
            let counted = GuessLimit { failures }.of_code(whose, FactorCode::parse(code).as_ref(), "d1", "t");
            (counted[0].key.clone(), counted[0].burst)
        };
        assert_eq!(of(3, "123456"), ("code:1:7:d1".to_owned(), 3));
        assert_eq!(of(100_000, "no code"), ("code:1:7:d1".to_owned(), 10));
        assert_eq!(of(100_000, &"a".repeat(24)), ("recovery:1:7:t".to_owned(), 10));
    }

    #[test]
    fn a_client_may_try_more_names_than_a_name_passwords() {
        let counted = LIMIT.of_login(
            &TenantSlug::default(),
            LoginName::guess("sr00001").as_ref(),
            &Client { device: DeviceId::parse("d1"), ..Client::default() },
            None,
        );
        let bursts: Vec<u32> = counted.iter().map(|counted| counted.burst).collect();
        assert_eq!(bursts, [30, 10]);
    }
}
