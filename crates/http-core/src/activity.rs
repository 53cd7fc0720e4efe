//! Counts the requests of users, in each worker on its own: the path of a request takes no lock and allocates nothing for a user
//! who has been counted before.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, rt};
use haat_application::activity::Counts;
use haat_domain::activity::Tally;
use haat_domain::shared::{Clock, TenantId, UserId};

/// The caller whom a request was admitted for.
#[derive(Debug, Clone, Copy)]
pub struct AdmittedCaller {
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
}

/// The destination of the counts of all workers.
#[derive(Clone)]
pub struct ActivitySink {
    /// Takes the counts of a worker. Dropped when all workers have stopped and sent their last counts.
    pub send: Arc<dyn Fn(Vec<Tally>) + Send + Sync>,
    /// The time between two sends of a worker.
    pub interval: Duration,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// The counts of one worker. The rest is sent when the worker stops.
pub struct ActivityCounter(Rc<Worker>);

struct Worker {
    counts: RefCell<Counts>,
    sink: ActivitySink,
}

impl ActivityCounter {
    /// Creates the counter of this worker and sends its counts from now on. To be called on the thread of the worker.
    #[must_use]
    pub fn start(sink: ActivitySink) -> Self {
        let interval = sink.interval;
        let worker = Rc::new(Worker { counts: RefCell::default(), sink });
        // A strong reference would keep the counts of a worker that has stopped.
        let counted = Rc::downgrade(&worker);
        rt::spawn(async move {
            loop {
                rt::time::sleep(interval).await;
                let Some(worker) = counted.upgrade() else { return };
                worker.send();
            }
        });
        Self(worker)
    }

    /// Counts a request that has been answered. It counts as a change if it succeeded and its method may change data.
    pub(crate) fn count(&self, caller: AdmittedCaller, method: &Method, status: StatusCode) {
        let is_change = status.is_success() && !method.is_safe();
        let AdmittedCaller { tenant, user } = caller;
        self.0.counts.borrow_mut().request(tenant, user, is_change, self.0.sink.clock.now());
    }

    /// Counts a login, if the server counts activity.
    pub fn login(request: &HttpRequest, tenant: TenantId, user: UserId) {
        if let Some(Self(worker)) = request.app_data() {
            worker.counts.borrow_mut().login(tenant, user, worker.sink.clock.now());
        }
    }
}

impl Worker {
    fn send(&self) {
        let tallies = self.counts.borrow_mut().take();
        if !tallies.is_empty() {
            (self.sink.send)(tallies);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.send();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use actix_web::test::TestRequest;
    use chrono::{DateTime, Utc};

    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> DateTime<Utc> {
            DateTime::from_timestamp(1_790_000_000, 0).unwrap()
        }
    }

    #[actix_web::test]
    async fn counts_answered_requests_and_successful_changes() {
        let (sender, received) = mpsc::channel();
        let send = Arc::new(move |tallies| sender.send(tallies).unwrap());
        let sink = ActivitySink { send, interval: Duration::from_hours(1), clock: Arc::new(Noon) };
        let counter = ActivityCounter::start(sink);
        let caller = AdmittedCaller { tenant: TenantId::new(1), user: UserId::new(7) };
        for (method, status) in [
            (Method::GET, StatusCode::OK),
            (Method::HEAD, StatusCode::OK),
            (Method::POST, StatusCode::CREATED),
            (Method::DELETE, StatusCode::NO_CONTENT),
            (Method::PATCH, StatusCode::CONFLICT),
        ] {
            counter.count(caller, &method, status);
        }
        let request = TestRequest::default().app_data(ActivityCounter(counter.0.clone())).to_http_request();
        ActivityCounter::login(&request, caller.tenant, caller.user);
        ActivityCounter::login(&TestRequest::default().to_http_request(), caller.tenant, caller.user);
        drop((request, counter));
        let sent = received.try_recv().unwrap();
        assert_eq!(sent.len(), 1);
        assert_eq!((sent[0].requests, sent[0].changes, sent[0].logins), (5, 2, 1));
    }
}
