use std::sync::Arc;
use std::time::{Duration, Instant};

use haat_application::shared::{Actor, AnswerCache, Answers, Permission, ReadyAnswer};
use haat_domain::shared::{Scope, TenantId, UserId};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::Coherence;
use crate::shared::{Generation, Jittered, Subject};

/// Who asked, in which state of their shops and of the map, and what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    user: UserId,
    shops: Generation,
    map: Generation,
    question: Box<str>,
}

/// An answer, and when it is to be made anew in any case.
#[derive(Clone)]
struct Kept {
    answer: Arc<ReadyAnswer>,
    until: Instant,
}

/// Weighs what is kept, in bytes.
#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Kept> for Bytes {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        u64::try_from(300 + key.question.len() + kept.answer.size()).unwrap_or(u64::MAX)
    }
}

/// Remembers answers to representatives, ready to be sent. Asked on every read, so it is the fastest kind of cache
/// there is: a look takes a tenth of what one in moka does, which keeps order for other uses.
pub struct MemoryAnswers {
    coherence: Arc<Coherence>,
    answers: Arc<Cache<Key, Kept, Bytes>>,
    ttl: Jittered,
}

/// About how many bytes an answer has, to begin with.
const USUAL: u64 = 10_000;

impl MemoryAnswers {
    /// A memory of at most `max_bytes`.
    #[must_use]
    pub fn new(coherence: Arc<Coherence>, max_bytes: u64) -> Self {
        let usual = usize::try_from(max_bytes / USUAL).unwrap_or(1_000).max(16);
        let answers = Arc::new(Cache::with_weighter(usual, max_bytes, Bytes));
        Self { coherence, answers, ttl: Jittered::new(Duration::from_mins(5)) }
    }
}

impl AnswerCache for MemoryAnswers {
    fn of(&self, actor: &Actor, question: &str) -> Answers {
        let (tenant, user) = (actor.tenant, actor.user);
        let states = (
            self.coherence.generation(Subject::User(tenant, user)),
            self.coherence.generation(Subject::Map(tenant)),
        );
        // An administrator's pool changes with every change of anybody.
        let (Scope::Rep(_), (Some(shops), Some(map))) = (actor.scope(Permission::ReadRetailers), states)
        else {
            return Answers::Uncached;
        };
        let key = Key { tenant, user, shops, map, question: question.into() };
        if let Some(kept) = self.answers.get(&key)
            && kept.until > Instant::now()
        {
            return Answers::Known(kept.answer);
        }
        let (answers, until) = (self.answers.clone(), Instant::now() + self.ttl.ttl(&key.question));
        Answers::Unknown(Box::new(move |answer| answers.insert(key, Kept { answer, until })))
    }
}
