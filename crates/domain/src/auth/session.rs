//! Sessions: a login on one device, and the refresh tokens that extend it.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};

use super::User;
use crate::shared::{SessionId, TenantId, UserId};

/// The id that a device gives itself: 1 to 128 visible ASCII characters, unique per device.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceId(String);

impl DeviceId {
    /// The maximum number of characters.
    pub const MAX: usize = 128;

    /// Parses a device id; `None` if the text is not one. Trims surrounding whitespace.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let valid = (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        valid.then(|| Self(text.to_owned()))
    }

    /// Returns the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The client of a login, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The device, if the client sent its id.
    pub device: Option<DeviceId>,
    /// The user agent, as sent by the client.
    pub user_agent: Option<String>,
    /// The IP address.
    pub address: Option<IpAddr>,
}

/// The SHA-256 of a secret that only the client knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

/// The secret that, together with a refresh token, determines the next one. Neither is enough alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed")
    }
}

/// The stored state of a session's refresh tokens. Nothing in it can be used as a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenChain {
    /// The digest common to all tokens of the session.
    pub family: Digest,
    /// The digest of the latest token.
    pub current: Digest,
    /// The digest of the token that was exchanged for the latest one.
    pub previous: Option<Digest>,
    /// The secret for deriving the next token.
    pub seed: Seed,
    /// The chain that this one has replaced, until the next one is replaced.
    pub replaced: Option<ReplacedChain>,
}

/// The last state of a chain of refresh tokens that another one has replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplacedChain {
    /// The digest common to all tokens of the chain.
    pub family: Digest,
    /// The digest of its latest token.
    pub current: Digest,
}

/// A parsed refresh token from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresentedToken {
    /// The tenant of the session.
    pub tenant: TenantId,
    /// The session.
    pub session: SessionId,
    /// The digest common to all tokens of the session.
    pub family: Digest,
    /// The digest of this token.
    pub key: Digest,
}

/// The relation of a refresh token to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVerdict {
    /// The latest token, to be rotated.
    Current,
    /// The previous token, while the latest one is unused: the response with the latest token was lost, and
    /// is sent again.
    Repeated,
    /// The latest token of the replaced chain, while the chain that replaced it is unused: the response with
    /// the new token was lost, and the old chain continues.
    Resumed,
    /// A token whose successor was used: two parties hold the tokens (RFC 9700 section 4.14.2).
    Stolen,
    /// Not a token of this session.
    Foreign,
}

impl TokenChain {
    /// Returns the relation of a token to the session. An older token is recognized by the digest common to
    /// all tokens, so older tokens are not stored, and knowing a session's id is not enough to end the
    /// session.
    #[must_use]
    pub fn judge(&self, presented: &PresentedToken) -> TokenVerdict {
        let replaced = self.replaced.filter(|replaced| replaced.family == presented.family);
        match replaced {
            _ if presented.family == self.family && presented.key == self.current => TokenVerdict::Current,
            _ if presented.family == self.family && Some(presented.key) == self.previous => {
                TokenVerdict::Repeated
            }
            _ if presented.family == self.family => TokenVerdict::Stolen,
            Some(replaced) if presented.key == replaced.current && self.is_unused() => TokenVerdict::Resumed,
            Some(_) => TokenVerdict::Stolen,
            None => TokenVerdict::Foreign,
        }
    }

    /// Returns true if no token of the chain has been exchanged.
    #[must_use]
    pub const fn is_unused(&self) -> bool {
        self.previous.is_none()
    }

    /// Returns the chain after a token with this verdict has been exchanged for the token `next`.
    #[must_use]
    pub const fn after(self, verdict: TokenVerdict, next: Digest) -> Self {
        match (verdict, self.replaced) {
            (TokenVerdict::Current, _) => Self { current: next, previous: Some(self.current), ..self },
            (TokenVerdict::Resumed, Some(old)) => Self {
                family: old.family,
                current: next,
                previous: Some(old.current),
                replaced: Some(self.as_replaced()),
                ..self
            },
            // The previous token yields the same next token again.
            _ => self,
        }
    }

    /// Returns an unused chain that starts with this token and replaces the current one. Until its first token
    /// is used, the replaced chain can continue.
    #[must_use]
    pub const fn restarted_with(self, first: &PresentedToken) -> Self {
        let replaced = Some(self.as_replaced());
        Self { family: first.family, current: first.key, previous: None, replaced, ..self }
    }

    const fn as_replaced(&self) -> ReplacedChain {
        ReplacedChain { family: self.family, current: self.current }
    }
}

/// A login on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// The user.
    pub user: UserId,
    /// The device, if the client sent its id.
    pub device: Option<DeviceId>,
    /// The user agent, as sent by the client.
    pub user_agent: Option<String>,
    /// The user's token version for which the session is valid. If the user's version differs, the session
    /// has ended.
    pub token_version: i32,
    /// The time of the login.
    pub created_at: DateTime<Utc>,
    /// The time of the last use of a refresh token.
    pub last_used_at: DateTime<Utc>,
    /// The time at which the session was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Session {
    /// The time after which an unused session expires.
    pub const IDLE: Duration = Duration::days(60);

    /// The time in which a request whose response was lost can be repeated to get the tokens again.
    pub const REPEAT: Duration = Duration::minutes(2);

    /// The time in which the replaced chain continues while the new one is unused. After a password change, a copy of the old
    /// token must not stay usable for long.
    pub const RESUME: Duration = Duration::hours(1);

    /// Returns the time at which the session expires if it stays unused.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.last_used_at + Self::IDLE
    }

    /// Returns true if the session is active, given the current state of its user.
    #[must_use]
    pub fn is_alive(&self, user: &User, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none()
            && user.active
            && self.token_version == user.token_version
            && now < self.expires_at()
    }
}

/// A session to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The tenant.
    pub tenant: TenantId,
    /// The id.
    pub id: SessionId,
    /// The user.
    pub user: UserId,
    /// The user's token version.
    pub token_version: i32,
    /// The client.
    pub client: Client,
    /// The stored state of the refresh tokens.
    pub chain: TokenChain,
    /// The time of the login.
    pub at: DateTime<Utc>,
}

/// A session, the stored state of its tokens, and its user in the current state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The session.
    pub session: Session,
    /// The stored state of the refresh tokens.
    pub chain: TokenChain,
    /// The user.
    pub user: User,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn digest(number: u8) -> Digest {
        Digest([number; 32])
    }

    fn presented(family: u8, number: u8) -> PresentedToken {
        let (tenant, session) = (TenantId::new(1), SessionId::new(uuid::Uuid::nil()));
        PresentedToken { tenant, session, family: digest(family), key: digest(number) }
    }

    #[test]
    fn a_token_counts_as_stolen_only_after_its_successor_was_used() {
        // A linear congruential generator, so that failures are reproducible.
        let mut state = 7_u32;
        let mut random = |below: u8| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from((state >> 16) % u32::from(below)).unwrap()
        };
        for _ in 0..2_000 {
            let mut chain = chain(250, 0);
            let (mut issued, mut used) = (0_u8, BTreeSet::new());
            for _ in 0..30 {
                let number = random(issued + 1);
                let expected = match (used.contains(&number), used.contains(&(number + 1))) {
                    (_, true) => TokenVerdict::Stolen,
                    (true, false) => TokenVerdict::Repeated,
                    (false, false) => TokenVerdict::Current,
                };
                assert_eq!(
                    chain.judge(&presented(250, number)),
                    expected,
                    "{number} of {issued}, used {used:?}"
                );
                assert_eq!(chain.judge(&presented(251, number)), TokenVerdict::Foreign);
                used.insert(number);
                match expected {
                    TokenVerdict::Current => {
                        issued = number + 1;
                        chain = chain.after(expected, digest(issued));
                    }
                    TokenVerdict::Stolen => break,
                    _ => {}
                }
            }
        }
    }

    fn chain(family: u8, first: u8) -> TokenChain {
        TokenChain {
            family: digest(family),
            current: digest(first),
            previous: None,
            seed: Seed([0; 32]),
            replaced: None,
        }
    }

    #[test]
    fn a_replaced_chain_continues_only_while_the_new_one_is_unused() {
        let used = chain(250, 0).after(TokenVerdict::Current, digest(1));
        let restarted = used.restarted_with(&presented(251, 100));
        for (family, key, verdict) in [
            (251, 100, TokenVerdict::Current),
            (250, 1, TokenVerdict::Resumed),
            (250, 0, TokenVerdict::Stolen),
            (252, 1, TokenVerdict::Foreign),
        ] {
            assert_eq!(restarted.judge(&presented(family, key)), verdict, "{family} {key}");
        }
        let arrived = restarted.after(TokenVerdict::Current, digest(101));
        let lost = restarted.after(TokenVerdict::Resumed, digest(2));
        for (chain, current, previous, stolen) in
            [(arrived, (251, 101), (251, 100), (250, 1)), (lost, (250, 2), (250, 1), (251, 100))]
        {
            assert_eq!(chain.judge(&presented(current.0, current.1)), TokenVerdict::Current);
            assert_eq!(chain.judge(&presented(previous.0, previous.1)), TokenVerdict::Repeated);
            assert_eq!(chain.judge(&presented(stolen.0, stolen.1)), TokenVerdict::Stolen);
        }
    }

    #[test]
    fn device_ids_are_visible_ascii() {
        assert_eq!(DeviceId::parse(" 3f1c-Pixel_7 ").unwrap().as_str(), "3f1c-Pixel_7");
        for text in ["", " ", "a b", "ফোন", "a\u{7f}", &"x".repeat(129)] {
            assert_eq!(DeviceId::parse(text), None, "{text}");
        }
    }
}
