//! A login on one device, and the refresh tokens that keep it alive.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::User;
use crate::shared::{TenantId, UserId};

/// The id of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(Uuid);

impl SessionId {
    /// Wraps an id.
    #[must_use]
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The id that a text is, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The id.
    #[must_use]
    pub const fn get(self) -> Uuid {
        self.0
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a device calls itself: 1 to 128 visible ASCII characters, never the same for two of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceId(String);

impl DeviceId {
    /// The most characters.
    pub const MAX: usize = 128;

    /// What a device has sent, if it can be its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// From where somebody logs in, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The device, if it says which it is.
    pub device: Option<DeviceId>,
    /// The program, in its own words.
    pub program: Option<String>,
    /// The address.
    pub address: Option<IpAddr>,
}

/// A SHA-256 of something that only a phone knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

/// What makes each refresh token of a session follow from the one before, together with that one: neither is enough.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed")
    }
}

/// What is kept of a session's refresh tokens: nothing that could be used as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// What all of its tokens have in common.
    pub family: Digest,
    /// The last one that was given out.
    pub current: Digest,
    /// The one it was given for.
    pub previous: Option<Digest>,
    /// What the next one is made of.
    pub seed: Seed,
}

/// A refresh token as it is shown to us, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownToken {
    /// The company of the session.
    pub tenant: TenantId,
    /// The session.
    pub session: SessionId,
    /// What it has in common with the others of its session.
    pub family: Digest,
    /// What it has alone.
    pub key: Digest,
}

/// What a refresh token is to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The last one: to be replaced.
    Current,
    /// The one before, while the last one has not been used: the answer that brought it was lost, and is given again.
    Repeated,
    /// An older one, whose successor was used: two have them. (RFC 9700 section 4.14.2.)
    Stolen,
    /// None of this session's.
    Foreign,
}

impl Chain {
    /// What a token is to the session. That it is an older one is known by what it has in common with the others, so nothing
    /// has to be kept of those, and nobody who only knows a session's id can end it.
    #[must_use]
    pub fn judge(&self, shown: &ShownToken) -> Verdict {
        if shown.family != self.family {
            Verdict::Foreign
        } else if shown.key == self.current {
            Verdict::Current
        } else if Some(shown.key) == self.previous {
            Verdict::Repeated
        } else {
            Verdict::Stolen
        }
    }

    /// The chain once the current token has been replaced.
    #[must_use]
    pub const fn replaced_by(self, next: Digest) -> Self {
        Self { current: next, previous: Some(self.current), ..self }
    }
}

/// A login on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The device, if it said which it is.
    pub device: Option<DeviceId>,
    /// The program, in its own words.
    pub program: Option<String>,
    /// The user's token version under which it goes on: when theirs is another, it has ended.
    pub token_version: i32,
    /// When they logged in.
    pub created_at: DateTime<Utc>,
    /// When a refresh token was used last.
    pub last_used_at: DateTime<Utc>,
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Session {
    /// A session that nobody uses ends after so long.
    pub const IDLE: Duration = Duration::days(60);

    /// From when on it is over if nobody uses it.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.last_used_at + Self::IDLE
    }

    /// Whether it goes on, for its user as they are now.
    #[must_use]
    pub fn is_alive(&self, user: &User, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none()
            && user.active
            && self.token_version == user.token_version
            && now < self.expires_at()
    }
}

/// A session about to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The company.
    pub tenant: TenantId,
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The user's token version.
    pub token_version: i32,
    /// From where they log in.
    pub client: Client,
    /// Its tokens.
    pub chain: Chain,
    /// When.
    pub at: DateTime<Utc>,
}

/// A session with what is kept of its tokens, and its user as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSession {
    /// The session.
    pub session: Session,
    /// What is kept of its tokens.
    pub chain: Chain,
    /// Whose it is.
    pub user: User,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn digest(number: u8) -> Digest {
        Digest([number; 32])
    }

    fn shown(family: u8, number: u8) -> ShownToken {
        let (tenant, session) = (TenantId::new(1), SessionId::new(Uuid::nil()));
        ShownToken { tenant, session, family: digest(family), key: digest(number) }
    }

    #[test]
    fn whatever_is_lost_and_shown_again_a_token_is_stolen_only_once_its_successor_was_used() {
        // A linear congruential generator, so that a failure can be had again.
        let mut state = 7_u32;
        let mut random = |below: u8| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from((state >> 16) % u32::from(below)).unwrap()
        };
        for _ in 0..2_000 {
            let mut chain =
                Chain { family: digest(250), current: digest(0), previous: None, seed: Seed([0; 32]) };
            let (mut given, mut used) = (0_u8, BTreeSet::new());
            for _ in 0..30 {
                let number = random(given + 1);
                let expected = match (used.contains(&number), used.contains(&(number + 1))) {
                    (_, true) => Verdict::Stolen,
                    (true, false) => Verdict::Repeated,
                    (false, false) => Verdict::Current,
                };
                assert_eq!(chain.judge(&shown(250, number)), expected, "{number} of {given}, used {used:?}");
                assert_eq!(chain.judge(&shown(251, number)), Verdict::Foreign);
                used.insert(number);
                match expected {
                    Verdict::Current => {
                        given = number + 1;
                        chain = chain.replaced_by(digest(given));
                    }
                    Verdict::Stolen => break,
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn a_device_is_named_by_what_can_be_seen() {
        assert_eq!(DeviceId::parse(" 3f1c-Pixel_7 ").unwrap().as_str(), "3f1c-Pixel_7");
        for text in ["", " ", "a b", "ফোন", "a\u{7f}", &"x".repeat(129)] {
            assert_eq!(DeviceId::parse(text), None, "{text}");
        }
    }
}
