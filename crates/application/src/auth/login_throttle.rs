//! Limits on failed logins, passwords and codes.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use haat_domain::auth::{Client, DeviceId, FactorCode, LoginName, ThrottleKey};
use haat_domain::shared::{TenantId, UserId};
use haat_domain::tenancy::TenantSlug;

/// The number of failed attempts allowed in a row. The limits of names, devices, passwords and codes derive from it.
#[derive(Debug, Clone, Copy)]
pub struct AttemptLimit {
    /// Failed attempts allowed in a row.
    pub failures: u32,
}

/// The time in which a login name on unknown devices, or the password check of a logged-in user, regains one attempt.
const BY_NAME: Duration = Duration::from_mins(1);

/// The time in which a user on a known device regains one attempt. Strangers cannot use these attempts up.
const BY_OWN_DEVICE: Duration = Duration::from_secs(30);

/// The time in which a user regains one attempt for a code. Three of a million codes are valid at a time, so
/// an attacker who has the password finds one within a day with a chance of 1 in 1,100.
const BY_CODE: Duration = Duration::from_mins(5);

/// The maximum burst for codes, however high the limit for passwords is: there are fewer possible codes than
/// passwords.
const CODES: u32 = 10;

/// The time in which a device at an IP address regains one attempt, for all names together.
const BY_CLIENT: Duration = Duration::from_secs(10);

/// The burst for a device at an IP address, as a multiple of the limit.
const BURSTS_BY_CLIENT: u32 = 3;

impl AttemptLimit {
    /// Returns the throttle keys of a login. A user on a device that they have logged in with is counted
    /// separately, so that password guesses from other devices delay only those devices (OWASP, device cookies). A login never counts by the IP address alone, because carriers put thousands of phones
    /// behind one address.
    pub(super) fn of_login(
        self,
        tenant: &TenantSlug,
        name: Option<&LoginName>,
        client: &Client,
        own_device_of: Option<(TenantId, UserId)>,
    ) -> Vec<ThrottleKey> {
        let device = client.device.as_ref().map_or("", DeviceId::as_str);
        if let Some((tenant, user)) = own_device_of {
            let key = format!("own:{tenant}:{user}:{device}");
            return vec![self.key(key, 1, BY_OWN_DEVICE)];
        }
        let tenant = tenant.as_str();
        let mut keys = Vec::new();
        if !device.is_empty() {
            let address = client.address.map(network).map(|address| address.to_string()).unwrap_or_default();
            let by_client = format!("client:{address}:{device}");
            keys.push(self.key(by_client, BURSTS_BY_CLIENT, BY_CLIENT));
        }
        // Counts by the name as typed, so as not to reveal that two names belong to one user.
        let typed = name.map(|name| match name {
            LoginName::Username(username) => username.as_str(),
            LoginName::Email(email) => email.as_str(),
            LoginName::Phone(phone) => phone.as_str(),
        });
        keys.extend(typed.map(|name| self.key(format!("name:{tenant}:{name}"), 1, BY_NAME)));
        keys
    }

    /// Returns the throttle keys of a password check of a logged-in user.
    pub(super) fn of_own_password(self, tenant: TenantId, user: UserId) -> Vec<ThrottleKey> {
        vec![self.key(format!("password:{tenant}:{user}"), 1, BY_NAME)]
    }

    /// Returns the throttle keys of a second factor check after the password. `scope` is a known device or a
    /// session; each is counted separately. Recovery codes cannot be guessed. They are counted only because
    /// verifying them is expensive, and by the login `attempt` that they belong to, so that strangers cannot
    /// use up the attempts of a user.
    pub(super) fn of_code(
        self,
        (tenant, user): (TenantId, UserId),
        code: Option<&FactorCode>,
        scope: &str,
        attempt: &str,
    ) -> Vec<ThrottleKey> {
        let limit = Self { failures: self.failures.min(CODES) };
        let key = match code {
            Some(FactorCode::Recovery(_)) => format!("recovery:{tenant}:{user}:{attempt}"),
            Some(FactorCode::Totp(_)) | None => format!("code:{tenant}:{user}:{scope}"),
        };
        vec![limit.key(key, 1, BY_CODE)]
    }

    const fn key(self, key: String, times: u32, interval: Duration) -> ThrottleKey {
        ThrottleKey { key, burst: self.failures.saturating_mul(times), interval }
    }
}

/// Returns the network of a subscriber: the IPv4 address, or the upper 64 bits of the IPv6 address (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: AttemptLimit = AttemptLimit { failures: 10 };

    fn keys(name: &str, device: Option<&str>, address: &str, known_device: bool) -> Vec<String> {
        let client = Client {
            device: device.and_then(DeviceId::parse),
            user_agent: None,
            address: address.parse().ok(),
        };
        let own_device_of = known_device.then(|| (TenantId::new(1), UserId::new(7)));
        let name = LoginName::guess(name);
        let throttle_keys = LIMIT.of_login(&TenantSlug::default(), name.as_ref(), &client, own_device_of);
        throttle_keys.into_iter().map(|throttle_key| throttle_key.key).collect()
    }

    #[test]
    fn unknown_devices_are_counted_by_name_and_by_device_and_address() {
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
    fn a_user_on_a_known_device_is_counted_separately() {
        assert_eq!(keys("sr00001", Some("d1"), "192.0.2.1", true), ["own:1:7:d1"]);
    }

    #[test]
    fn codes_are_counted_by_device_or_session_with_a_burst_of_at_most_ten() {
        let user = (TenantId::new(1), UserId::new(7));
        let key_and_burst = |failures, code| {
            let keys = AttemptLimit { failures }.of_code(user, FactorCode::parse(code).as_ref(), "d1", "t");
            (keys[0].key.clone(), keys[0].burst)
        };
        assert_eq!(key_and_burst(3, "123456"), ("code:1:7:d1".to_owned(), 3));
        assert_eq!(key_and_burst(100_000, "no code"), ("code:1:7:d1".to_owned(), 10));
        assert_eq!(key_and_burst(100_000, &"a".repeat(24)), ("recovery:1:7:t".to_owned(), 10));
    }

    #[test]
    fn a_client_has_a_higher_burst_than_a_name() {
        let throttle_keys = LIMIT.of_login(
            &TenantSlug::default(),
            LoginName::guess("sr00001").as_ref(),
            &Client { device: DeviceId::parse("d1"), ..Client::default() },
            None,
        );
        let bursts: Vec<u32> = throttle_keys.iter().map(|throttle_key| throttle_key.burst).collect();
        assert_eq!(bursts, [30, 10]);
    }
}
