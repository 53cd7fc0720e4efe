use std::sync::Arc;
use std::time::Duration;

use haat_application::shared::{Actor, AnswerCache, Answers, ReadyAnswer};
use haat_domain::shared::{Scope, TenantId, UserId};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

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

/// Remembers answers to representatives, ready to be sent.
pub struct MemoryAnswers {
    coherence: Arc<Coherence>,
    answers: Cache<Key, Arc<ReadyAnswer>>,
}

impl MemoryAnswers {
    /// A memory of at most `max_bytes`.
    #[must_use]
    pub fn new(coherence: Arc<Coherence>, max_bytes: u64) -> Self {
        let weigh = |key: &Key, answer: &Arc<ReadyAnswer>| {
            u32::try_from(300 + key.question.len() + answer.size()).unwrap_or(u32::MAX)
        };
        let answers = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(weigh)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Jittered::new(Duration::from_mins(5)))
            .build();
        Self { coherence, answers }
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
        let (Scope::Rep(_), (Some(shops), Some(map))) = (actor.retailer_scope(), states) else {
            return Answers::Uncached;
        };
        let key = Key { tenant, user, shops, map, question: question.into() };
        if let Some(answer) = self.answers.get(&key) {
            return Answers::Known(answer);
        }
        let answers = self.answers.clone();
        Answers::Unknown(Box::new(move |answer| answers.insert(key, answer)))
    }
}
